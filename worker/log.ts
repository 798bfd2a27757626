import { DefaultLogger, type LogLevel } from '@temporalio/worker';
import pino, { type DestinationStream, type Logger } from 'pino';
import { scrub } from '../activities/text/scrub.ts';

/** The worker's log, one JSON document a line; every line is scrubbed, whoever wrote it. */
export function createLog(level: string, to: DestinationStream = pino.destination(1)): Logger {
  return pino({ level, hooks: { streamWrite: scrub } }, to);
}

/** Temporal's log lines through ours: warnings and worse, since its info lines report every state change. */
export function temporalLogger(log: Logger): DefaultLogger {
  return new DefaultLogger('WARN', ({ level, message, meta }) => {
    const isMeant = message.startsWith('No workflows registered'); // two of our three queues have activities alone
    log[isMeant ? 'debug' : levels[level]]({ ...meta }, message);
  });
}

const levels: Readonly<Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { isForTerminal, logSentence } from '../../../client/state/log-line.ts';
import { createLog } from '../../../worker/log.ts';

/** The lines that our worker's logger writes for a job. */
function written(job: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString().trim());
      done();
    },
  });
  job(createLog('info', to));
  return lines;
}

test("the worker's warnings are sentences at a terminal, with what they are about", () => {
  const lines = written((log) => {
    log.warn({ issue: 'one', reason: 'no such session' }, 'the session is lost: a fresh one begins');
    log.warn({ err: new Error('socket closed') }, 'an activity cannot be given back');
    log.fatal({ err: new TypeError('no host') }, 'the worker ends');
  });
  expect(lines.map(logSentence)).toEqual([
    'warning: the session is lost: a fresh one begins (issue: one, reason: no such session)',
    'warning: an activity cannot be given back: socket closed',
    'error: the worker ends: no host',
  ]);
  expect(lines.map(isForTerminal)).toEqual([true, true, true]);
});

test('what is no warning is for the log alone, but for the word that the worker is ready', () => {
  const lines = written((log) => {
    log.info({ runs: 2 }, 'an earlier worker was killed: its work goes on');
    log.info({ host: 'h', slots: 4 }, 'ready');
  });
  expect(lines.map(isForTerminal)).toEqual([false, true]);
  expect(lines.map(logSentence)[1]).toBe('ready (host: h, slots: 4)');
});

test.each(['Error: the worker fell over', '{"level":30,"msg":"cut', ''])('a line that is no JSON stays: %j', (line) => {
  expect([logSentence(line), isForTerminal(line)]).toEqual([line, true]);
});

test("the server's own lines are sentences too", () => {
  const line = '{"level":"error","ts":"2026-11-29T02:14:00Z","msg":"can\'t set port","error":"address already in use"}';
  expect(logSentence(line)).toBe("error: can't set port (error: address already in use)");
});

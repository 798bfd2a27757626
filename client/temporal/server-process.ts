import { spawn, type ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { openLog } from '../state/log.ts';
import { uiOffset } from './port.ts';
import { identifyProcess, type ProcessIdentity } from '../state/process-identity.ts';
import type { TemporalCli } from './installed.ts';

/** How an embedded server is started. */
export interface ServerCommand {
  readonly cli: TemporalCli;
  readonly port: number;
  readonly database: string;
  readonly log: string;
}

/** Starts the dev server in a process group of its own: Ctrl-C and a closed terminal don't reach it. */
export async function spawnServer(command: ServerCommand): Promise<ChildProcess> {
  const log = await openLog(command.log);
  try {
    const child = spawn(command.cli.path, serverArguments(command), {
      cwd: dirname(command.database),
      // Nothing of the user's: no TEMPORAL_* that bends a flag, no configuration file, no secret in a long-lived process.
      // USER, as any word: for a uid without a name (a container's) the server asks for it, and ends where there is none.
      env: { PATH: '/usr/bin:/bin', HOME: dirname(command.database), USER: 'millrace' },
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    child.unref();
    child.on('error', () => {}); // `exitCode` and the missing pid tell of it; unhandled, the event would end this process
    return child;
  } finally {
    await log.close();
  }
}

function serverArguments({ port, database }: ServerCommand): string[] {
  const flags = {
    ip: ['127.0.0.1'], // no authentication: loopback only
    port: [port],
    'ui-port': [port + uiOffset],
    'db-filename': [database],
    // Defaults fsync every commit, twice the wall time; with these a killed process still loses nothing.
    'sqlite-pragma': ['journal_mode=wal', 'synchronous=1'],
    'log-format': ['json'],
    'log-level': ['warn'],
    'dynamic-config-value': [
      'history.transferProcessorMaxPollRPS=1000', // the default of 20 makes every activity of an idle server take 100 ms
      'matching.enableFairness=true',
      // One partition: priorities are exact within one, and nobody needs more on one machine.
      'matching.numTaskqueueReadPartitions=1',
      'matching.numTaskqueueWritePartitions=1',
    ],
  };
  const named = Object.entries(flags).flatMap(([name, values]) => values.flatMap((value) => [`--${name}`, `${value}`]));
  return ['server', 'start-dev', '--ui-disable-news-fetch', ...named];
}

/**
 * Dev servers on a database of this folder. Two on one file both start without an error, and a client that was killed
 * between spawning and recording leaves one that no file names. So we look at the command lines of processes.
 */
export async function serversOn(stateRoot: string): Promise<readonly ProcessIdentity[]> {
  const pids = await (process.platform === 'linux' ? pidsFromProc(stateRoot) : pidsFromPs(stateRoot));
  const found = await Promise.all(pids.map(identifyProcess));
  return found.filter((identity) => identity !== null);
}

async function pidsFromProc(stateRoot: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => runsOn(commands[index] ?? '', '\0', stateRoot)).map(Number);
}

async function pidsFromPs(stateRoot: string): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,args='], { maxBuffer: 16_000_000 });
  return stdout
    .split('\n')
    .filter((line) => runsOn(line, ' ', stateRoot))
    .map((line) => Number.parseInt(line, 10));
}

function runsOn(command: string, separator: string, stateRoot: string): boolean {
  return (
    command.includes(['start-dev', ''].join(separator)) &&
    command.includes(['--db-filename', `${stateRoot}/temporal-`].join(separator))
  );
}

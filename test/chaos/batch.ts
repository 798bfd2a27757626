import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listProcesses } from '../../activities/process/table.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from '../../client/state/process-identity.ts';
import { presentIn } from '../../client/state/presence.ts';
import { serversOn } from '../../client/temporal/server-process.ts';
import { workerLock } from '../../client/session/worker-process.ts';
import type { BatchView } from '../../client/batch/view.ts';
import { layoutOf, readAttempts, namesIn } from '../support/e2e/facts.ts';
import type { Home } from '../support/e2e/e2e.ts';
import type { Running } from '../support/e2e/program.ts';
import { until } from '../support/processes.ts';
import { takeAim, type AimName } from './aims.ts';
import type { Ground } from './ground.ts';

/** Who can be killed; `launcher`: the process beside the worker that starts its git commands. */
export type Victim = 'worker' | 'launcher' | 'server' | 'client';

/** One kill, with what was on disk in that moment and must never be done again. */
export interface Kill {
  readonly victims: readonly Victim[];
  readonly why: string;
  /** Epoch ms. */
  readonly at: number;
  /** Attempts whose agent had ended, as `key/attempt`. */
  readonly concluded: readonly string[];
}

/** A batch under the real command line, and the hand that kills parts of it. */
export interface ChaosBatch {
  readonly kills: readonly Kill[];
  /** Kills when the moment comes; then waits until a worker is ready again. @throws Error when it does not come. */
  killAt(aim: AimName, victims?: readonly Victim[]): Promise<void>;
  /** Kills, and waits until a worker is ready again. A client that is killed is started again by `start-batch --resume`. */
  kill(victims: readonly Victim[], why: string): Promise<void>;
  /** The same without the wait: the next kill meets a worker that is only starting. */
  strike(victims: readonly Victim[], why: string): Promise<void>;
  /** Stops the worker's process for a while, as a suspended laptop does. */
  freeze(ms: number): Promise<void>;
  /** Waits until the batch is on the server: a client that is killed before has begun nothing. */
  begun(): Promise<void>;
  /** Waits for a moment; false when it did not come in time, or the batch was over first. */
  moment(aim: AimName, withinMs: number): Promise<boolean>;
  isOver(): boolean;
  /** The settled batch as `start-batch --json` printed it, and its exit code. */
  settled(): Promise<{ readonly code: number | null; readonly view: BatchView }>;
  /** All that the clients said so far. */
  words(): string;
}

/** Longest wait for a moment, and for a worker to be back. */
const PATIENCE_MS = 180_000; // a machine under load; nothing is asserted on it

/** Starts the batch of a ground; the home ends what is left of it. */
export function startBatch(home: Home, ground: Ground): ChaosBatch {
  const withinMs = 3_600_000;
  const begin = (...args: readonly string[]) => home.begin(['start-batch', ...args, '--json'], { withinMs });
  const clients: Running[] = [begin(ground.plan, '-C', ground.repository)];
  const kills: Kill[] = [];
  const client = () => clients.at(-1)!;
  let over = false;
  const watch = () => {
    const watched = client();
    void watched.ended.then(({ signal }) => (over = signal === null && watched === client()));
  };
  watch();

  const moment = async (aim: AimName, withinMs: number) => {
    const reached = takeAim(aim, { stateRoot: home.state, log: ground.log });
    const deadline = performance.now() + withinMs;
    for (;;) {
      if (reached()) return true;
      if (over || performance.now() > deadline) return false;
      await sleep(3);
    }
  };

  const strike = async (victims: readonly Victim[], why: string) => {
    const at = Date.now();
    for (const victim of victims) {
      if (victim === 'client') client().signal('SIGKILL');
      else for (const each of await processesOf(victim, home.state)) await killNow(each);
    }
    kills.push({ victims, why, at, concluded: concluded(home.state) });
    if (over || !victims.includes('client')) return;
    await client().ended;
    clients.push(begin('--resume'));
    watch();
  };
  const kill = async (victims: readonly Victim[], why: string) => {
    const before = await home.worker();
    await strike(victims, why);
    if (!victims.includes('worker')) return;
    const back = async () => {
      const now = await home.worker();
      return over || (now !== null && now.pid !== before?.pid);
    };
    if (!(await until(back, PATIENCE_MS))) throw new Error(`no worker came back after: ${why}\n${client().text()}`);
  };

  return {
    kills,
    kill,
    strike,
    async freeze(ms) {
      const worker = await home.worker();
      if (!worker) return;
      process.kill(worker.pid, 'SIGSTOP');
      await sleep(ms);
      if (await isRunning(worker)) process.kill(worker.pid, 'SIGCONT');
    },
    begun: () => client().said(/^batch /m, PATIENCE_MS),
    moment,
    isOver: () => over,
    async killAt(aim, victims = ['worker']) {
      if (!(await moment(aim, PATIENCE_MS))) throw new Error(`it never came to: ${aim}\n${client().text()}`);
      await kill(victims, aim);
    },
    async settled() {
      const ran = await client().ended;
      if (ran.code !== 0 && ran.code !== 1)
        throw new Error(`the client ended with ${ran.code ?? ran.signal}:\n${ran.err}`);
      return { code: ran.code, view: ran.json<BatchView>() };
    },
    words: () => clients.map((each) => each.text()).join('\n--- resumed ---\n'),
  };
}

async function processesOf(victim: Exclude<Victim, 'client'>, stateRoot: string): Promise<readonly ProcessIdentity[]> {
  switch (victim) {
    case 'server':
      return serversOn(stateRoot); // also one that no record names
    case 'worker':
      return presentIn(workerLock(stateRoot)); // also one that is only starting
    case 'launcher': {
      const workers = (await presentIn(workerLock(stateRoot))).map(({ pid }) => pid);
      const children = listProcesses().filter((entry) => workers.includes(entry.parent) && isLauncher(entry.pid));
      const found = await Promise.all(children.map(({ pid }) => identifyProcess(pid)));
      return found.filter((identity) => identity !== null);
    }
  }
}

function isLauncher(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('launcher-main');
  } catch {
    return false; // it has ended
  }
}

async function killNow(identity: ProcessIdentity): Promise<void> {
  if (!(await isRunning(identity))) return;
  process.kill(identity.pid, 'SIGKILL');
  if (!(await until(async () => !(await isRunning(identity))))) throw new Error(`process ${identity.pid} is not gone`);
}

function concluded(stateRoot: string): readonly string[] {
  if (namesIn(join(stateRoot, 'repositories')).length === 0) return [];
  return readAttempts(layoutOf(stateRoot)).flatMap(({ key, attempt, journal }) =>
    journal.conclusion === null ? [] : [`${key}/${attempt}`],
  );
}

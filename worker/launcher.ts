import { fork, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProgramAnswer, ProgramRunner, ProgramSpec } from '../activities/process/program.ts';
import { tsxLoader } from '../client/session/worker-process.ts';

/** What goes to the launcher and back: `id` names the question. */
export interface Question {
  readonly id: number;
  readonly spec: ProgramSpec;
}

/** The launcher's answer to the request with this id. */
export interface Reply {
  readonly id: number;
  readonly answer: ProgramAnswer;
}

/**
 * Starts programs from a small process beside the worker: a fork copies the page tables of the whole worker and then
 * each page that it touches, 5 to 10 ms for every git command. The process ends with the worker, however that ends,
 * and kills what it had started; a launcher that dies is a failed program, and the next program gets a new one.
 */
export function createLauncher(): ProgramRunner {
  const waiting = new Map<number, { readonly by: ChildProcess; readonly settle: (answer: ProgramAnswer) => void }>();
  let launcher: ChildProcess | null = null;
  let last = 0;

  const settle = (id: number, answer: ProgramAnswer): void => {
    waiting.get(id)?.settle(answer);
    waiting.delete(id);
    if (waiting.size === 0) launcher?.channel?.unref();
  };
  const begin = (): ChildProcess => {
    const child = startLauncher();
    const lost = (): void => {
      if (launcher === child) launcher = null;
      for (const [id, { by }] of waiting) if (by === child) settle(id, lostAnswer);
    };
    child.on('message', ({ id, answer }: Reply) => settle(id, answer));
    child.once('error', lost);
    child.once('disconnect', lost);
    return child;
  };

  return (spec) =>
    new Promise((resolve) => {
      launcher ??= begin();
      launcher.channel?.ref(); // while a start waits for git alone, an unreferenced channel would let Node end with exit code 13
      const id = ++last;
      waiting.set(id, { by: launcher, settle: resolve });
      launcher.send({ id, spec } satisfies Question, (error) => {
        if (error) settle(id, lostAnswer);
      });
    });
}

const lostAnswer: ProgramAnswer = {
  exitCode: null,
  stdout: '',
  stderr: '',
  problem: 'the process that started it is gone',
};

function startLauncher(): ChildProcess {
  const extension = extname(fileURLToPath(import.meta.url));
  const child = fork(fileURLToPath(new URL(`./launcher-main${extension}`, import.meta.url)), [], {
    cwd: '/',
    detached: true, // a Ctrl-C is for the worker, which still needs git to shut down cleanly
    execArgv: extension === '.ts' ? ['--import', tsxLoader()] : [],
    serialization: 'advanced', // input and output may be bytes
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.unref();
  child.channel?.unref();
  return child;
}

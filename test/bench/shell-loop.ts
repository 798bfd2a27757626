import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { git } from '../support/git/repository.ts';
import { cpuMs } from './cpu.ts';
import type { Ground } from './ground.ts';

/** How much is run, and how long each of the agent's two runs an issue takes. */
export interface Load {
  readonly issues: number;
  readonly seconds: number;
  readonly width: number;
}

/** What the loop took. */
export interface ShellRun {
  readonly ms: number;
  /** CPU milliseconds an issue. */
  readonly cpu: number;
}

/** Runs the issues by `xargs`: the cheapest way to make the same commits. */
export async function runShellLoop(ground: Ground, load: Load): Promise<ShellRun> {
  const { root, origin, user } = ground;
  for (const name of ['mirror.git', 'agents.git']) {
    git(root, 'clone', '--quiet', '--bare', '--shared', origin, join(root, name));
    git(root, '-C', join(root, name), 'config', 'gc.auto', '0');
  }
  const usedBefore = cpuMs(process.pid)?.children ?? 0;
  const startedAt = performance.now();
  const script = join(import.meta.dirname, 'issue.sh');
  const xargs = spawn('xargs', ['-P', String(load.width), '-I', '{}', 'sh', script, '{}', String(load.seconds)], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_GLOBAL: '/dev/null', BASE: ground.base },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  xargs.stdin.end(Array.from({ length: load.issues }, (_, index) => `i${index}\n`).join(''));
  const [code] = (await once(xargs, 'exit')) as [number | null];
  const ms = performance.now() - startedAt;
  const cpu = ((cpuMs(process.pid)?.children ?? 0) - usedBefore) / load.issues;
  const pushed = git(user, 'ls-remote', '--heads', origin, 'refs/heads/millrace/*').split('\n').length;
  if (code !== 0 || pushed !== load.issues) throw new Error(`the shell loop ended with ${code}, ${pushed} branches`);
  return { ms, cpu };
}

import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * How a program's processes are kept together. `pid-namespace`: the kernel ends all of them when the first one ends, or
 * the worker does. `sweep`: we look for them by group, descent and working folder.
 */
export type Containment = 'pid-namespace' | 'sweep';

interface Program {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Everything stays visible and writable: this is not a sandbox, only a family that no process can leave. */
const wrapper = ['bwrap', '--dev-bind', '/', '/', '--unshare-pid', '--proc', '/proc', '--die-with-parent'] as const;

/** Longest wait for the trial; a host that needs longer has no working namespaces. */
const TRIAL_MS = 5_000;

let found: Containment | null = null;

/** The best that this host can do, tried once. `MILLRACE_CONTAINMENT=sweep` in the worker's environment rules the first out. */
export function bestContainment(): Containment {
  found ??= process.env['MILLRACE_CONTAINMENT'] !== 'sweep' && hasPidNamespaces() ? 'pid-namespace' : 'sweep';
  return found;
}

/** The command that starts a program contained; null: start it as it is. One that cannot start at all fails under its own name. */
export function containedBy(containment: Containment, program: Program): readonly string[] | null {
  if (containment === 'sweep' || !isStartable(program)) return null;
  return [...wrapper, '--chdir', program.cwd, '--', ...program.argv];
}

/** Whether a program can be started in a pid namespace here. */
export function hasPidNamespaces(): boolean {
  if (process.platform !== 'linux') return false;
  const [command, ...args] = wrapper;
  return spawnSync(command, [...args, '--', 'true'], { timeout: TRIAL_MS, stdio: 'ignore' }).status === 0;
}

function isStartable({ argv: [name = ''], cwd, env }: Program): boolean {
  if (name.includes('/')) return isExecutable(isAbsolute(name) ? name : join(cwd, name));
  return (env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readProcess } from '../../activities/process/table.ts';

/** argv of one of the fixture programs. */
export function fixture(name: string, ...args: readonly string[]): readonly string[] {
  return [process.execPath, fileURLToPath(new URL(`./agents/${name}.mjs`, import.meta.url)), ...args];
}

/** Waits until something holds; false when the deadline passed first. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return holds();
}

/** The processes of a pid file that still live. */
export function livingOf(pidFile: string): readonly number[] {
  return readFileSync(pidFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && readProcess(Number(line)) !== null)
    .map(Number);
}

/**
 * Whether a process lives that calls itself `pid` in a pid namespace; null: on this machine. A namespace is named by its
 * link in `/proc` and the start of its first process, since Linux gives a free number to the next namespace at once.
 */
export function livesIn(namespace: string | null, pid: number): boolean {
  if (namespace === null || namespace === ownNamespace()) return readProcess(pid) !== null;
  const [link, started] = namespace.split('@');
  const members = readdirSync('/proc').flatMap((each) => memberOf(link!, each));
  const isOurs = members.some((member) => member.pid === 1 && member.started === started);
  return isOurs && members.some((member) => member.pid === pid && member.runs);
}

/** The pid namespace of this process, see `livesIn`. */
export function ownNamespace(): string {
  return `${readlinkSync('/proc/self/ns/pid')}@${startOf(readFileSync('/proc/1/stat', 'utf8'))}`;
}

/** A process as its namespace sees it; none where it is in another one, or gone. */
function memberOf(link: string, entry: string): readonly { pid: number; started: string; runs: boolean }[] {
  if (!/^\d+$/.test(entry)) return [];
  try {
    if (readlinkSync(`/proc/${entry}/ns/pid`) !== link) return [];
    const status = readFileSync(`/proc/${entry}/status`, 'utf8');
    const pid = Number(/^NSpid:.*\s(\d+)$/m.exec(status)?.[1]);
    const started = startOf(readFileSync(`/proc/${entry}/stat`, 'utf8'));
    return [{ pid, started, runs: !/^State:\s+[ZX]/m.test(status) }];
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** Start of a process in clock ticks since the machine's, from its `stat`; the name before may hold spaces. */
function startOf(stat: string): string {
  return stat.split(') ').at(-1)!.split(' ')[19]!;
}

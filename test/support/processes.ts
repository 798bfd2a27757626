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

/** Whether a process lives that calls itself `pid` in a pid namespace (as `/proc/self/ns/pid` names it); null: on this machine. */
export function livesIn(namespace: string | null, pid: number): boolean {
  if (namespace === null || namespace === readlinkSync('/proc/self/ns/pid')) return readProcess(pid) !== null;
  return readdirSync('/proc').some((each) => {
    if (!/^\d+$/.test(each)) return false;
    try {
      if (readlinkSync(`/proc/${each}/ns/pid`) !== namespace) return false;
      const status = readFileSync(`/proc/${each}/status`, 'utf8');
      return !/^State:\s+[ZX]/m.test(status) && Number(/^NSpid:.*\s(\d+)$/m.exec(status)?.[1]) === pid;
    } catch (error) {
      if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  });
}

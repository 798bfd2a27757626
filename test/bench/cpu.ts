import { readFileSync } from 'node:fs';

/** Clock ticks a second in `/proc`; Linux has had this value on all its platforms for decades. */
const TICKS = 100;

/** CPU milliseconds of a process of ours, with the children that it waited for; null where there is no `/proc`. */
export function cpuMs(pid: number): { readonly own: number; readonly children: number } | null {
  const fields = statOf(pid);
  if (!fields) return null;
  const ms = (index: number) => (Number(fields[index]) * 1000) / TICKS;
  return { own: ms(11) + ms(12), children: ms(13) + ms(14) };
}

/** CPU milliseconds of the children that a process of ours has now, with theirs. */
export function cpuBelow(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.map(cpuMs).reduce((sum, each) => sum + (each ? each.own + each.children : 0), 0);
}

/** Resident memory of a process of ours in MB; null where there is no `/proc`. */
export function residentMb(pid: number): number | null {
  const pages = statOf(pid)?.[21];
  return pages === undefined ? null : (Number(pages) * 4096) / 1_000_000;
}

/** The fields of proc(5) from the third on: the second, a name, may hold anything. */
function statOf(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { isExhaustion } from '../host/exhaustion.ts';
import {
  bootId,
  isAnyoneBelow,
  listProcesses,
  ourOwn,
  processesBelow,
  readProcess,
  withDescendants,
  type ProcessEntry,
  type ProcessId,
} from './table.ts';

/** Processes that must end together. */
export interface Family {
  /** The first process of the tree, which leads its group; null: only what works below the folder is meant. */
  readonly leader: ProcessId | null;
  /** Real path: a daemon that left the tree is found because it works there. Null: no such search. */
  readonly folder: string | null;
  /** From SIGTERM to SIGKILL, milliseconds; 0 kills at once. */
  readonly graceMs: number;
  /** The leader only wraps the program. It gets no SIGTERM: everything it holds would die with it at once. */
  readonly isWrapped?: boolean;
}

/** How often we look whether they have ended. */
const POLL_MS = 20;

/** Longest wait for killed processes to go; one that is left after it hangs in the kernel. */
const KILLED_MS = 3_000;

/** How long we keep trying while this process has no file descriptor or memory left to look with. */
const BLIND_MS = 10_000;

/**
 * Ends a process, its group, its descendants and what works in its folder; returns the pids that could not be ended.
 * @throws where we could not look for too long; what was stopped by then is killed.
 */
export async function endFamily(family: Family): Promise<readonly number[]> {
  const seen: Seen = { known: new Map(), stopped: new Set() };
  for (let blindUntil: number | null = null; ; await sleep(POLL_MS)) {
    try {
      return await endSeen(family, seen);
    } catch (error) {
      blindUntil ??= performance.now() + BLIND_MS;
      if (isExhaustion(error) && performance.now() < blindUntil) continue;
      for (const pid of seen.stopped) signal(pid, 'SIGKILL');
      throw error;
    }
  }
}

interface Seen {
  /** When each member was started, by its pid. */
  readonly known: Map<number, number>;
  /** Those that we have stopped. A stopped process cannot end by itself, so its pid is still its own. */
  readonly stopped: Set<number>;
}

async function endSeen(family: Family, { known, stopped }: Seen): Promise<readonly number[]> {
  if (known.size === 0 && isGone(family)) return [];
  remember(known, membersOf(family, known));
  if (known.size === 0) return [];
  if (family.graceMs > 0) {
    const spared = family.isWrapped ? family.leader?.pid : undefined;
    for (const pid of known.keys()) if (pid !== spared) signal(pid, 'SIGTERM');
    await gone(known, family.graceMs);
  }
  const deadline = performance.now() + KILLED_MS;
  while (performance.now() < deadline) {
    if (!freeze(family, known, stopped)) return [];
    for (const pid of known.keys()) if (isKnown(known, pid)) signal(pid, 'SIGKILL');
    stopped.clear();
    await gone(known, 200);
  }
  return [...known.keys()].filter((pid) => isKnown(known, pid));
}

/**
 * A quick look, which nearly always settles it: no leader, nobody in its group, nobody below the folder. A process that
 * left the group of an ended leader now belongs to init; its folder is the only way to find it.
 */
function isGone({ leader, folder }: Family): boolean {
  const isOurs = leader !== null && leader.boot === bootId;
  if (isOurs && (readProcess(leader.pid) !== null || !isEmptyGroup(leader.pid))) return false;
  return folder === null || !isAnyoneBelow(folder);
}

function isEmptyGroup(group: number): boolean {
  try {
    process.kill(-group, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Stops members until no new one appears, so that none forks away from the kill; false: all are gone. */
function freeze(family: Family, known: Map<number, number>, stopped: Set<number>): boolean {
  for (let pass = 0; pass < 50; pass++) {
    const members = membersOf(family, known);
    const fresh = members.filter((member) => !stopped.has(member.pid));
    if (fresh.length === 0) return members.length > 0;
    remember(known, fresh);
    for (const { pid } of fresh) {
      signal(pid, 'SIGSTOP');
      stopped.add(pid);
    }
  }
  return true;
}

function membersOf(family: Family, known: ReadonlyMap<number, number>): readonly ProcessEntry[] {
  const entries = listProcesses();
  const roots = new Set([...ofLeader(family.leader, entries), ...ofFolder(family, entries)].map((entry) => entry.pid));
  for (const entry of entries) if (known.get(entry.pid) === entry.started) roots.add(entry.pid);
  const tree = withDescendants(roots, entries);
  const own = ourOwn(entries);
  return entries.filter((entry) => tree.has(entry.pid) && !own.has(entry.pid));
}

/** The kernel reuses no pid that still names a group, so a group without its leader is still that leader's. */
function ofLeader(leader: ProcessId | null, entries: readonly ProcessEntry[]): readonly ProcessEntry[] {
  if (!leader || leader.boot !== bootId) return [];
  const same = entries.find((entry) => entry.pid === leader.pid);
  if (same && same.started !== leader.started) return [];
  return entries.filter((entry) => entry.pid === leader.pid || entry.group === leader.pid);
}

/** A person's shell may be in a worktree. It is spared if it is older than the tree, or, where no tree is known, has a terminal. */
function ofFolder({ leader, folder }: Family, entries: readonly ProcessEntry[]): readonly ProcessEntry[] {
  if (folder === null) return [];
  const since = leader?.boot === bootId ? leader.started : null;
  const candidates = entries.filter((entry) => (since === null ? !entry.terminal : entry.started >= since));
  return processesBelow(folder, candidates);
}

function remember(known: Map<number, number>, members: readonly ProcessEntry[]): void {
  for (const member of members) known.set(member.pid, member.started);
}

function isKnown(known: ReadonlyMap<number, number>, pid: number): boolean {
  return readProcess(pid)?.started === known.get(pid);
}

async function gone(known: ReadonlyMap<number, number>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline && [...known.keys()].some((pid) => isKnown(known, pid))) await sleep(POLL_MS);
}

/** Ignores a process that is gone, or belongs to another user. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { isExhaustion } from '../host/exhaustion.ts';

/** One process, as the kernel describes it. Zombies are left out: they have ended. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks since boot (Linux) or epoch seconds (elsewhere): comparable on one host within one boot only. */
  readonly started: number;
  /** It has a terminal, so it most likely belongs to a person. */
  readonly terminal: boolean;
}

/** Names one process for ever: a pid is used again, but not together with its boot and start. */
export interface ProcessId {
  readonly pid: number;
  readonly started: number;
  readonly boot: string;
}

const isLinux = process.platform === 'linux';

/** What a look shows; `ended` where there is no such process. @throws where we cannot look, which must not pass for its end. */
function seen<T>(look: () => T, ended: T): T {
  try {
    return look();
  } catch (error) {
    if (isExhaustion(error)) throw error;
    return ended;
  }
}

/** Name of this boot of the machine; empty where the system has none. */
export const bootId: string = isLinux ? readBootId() : '';

function readBootId(): string {
  return seen(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), '');
}

/**
 * All living processes of this machine; synchronous, since a list that takes time is out of date when it is done.
 * @throws the system's error where this process has no file descriptor or memory left, as all functions here do.
 */
export function listProcesses(): readonly ProcessEntry[] {
  if (!isLinux) return listByPs();
  return pidsInProc().flatMap((pid) => readProcess(pid) ?? []);
}

/** One process, or null when it has ended. */
export function readProcess(pid: number): ProcessEntry | null {
  if (!isLinux) return listByPs().find((each) => each.pid === pid) ?? null;
  return seen(() => parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'utf8')), null);
}

/** Who a process is, for later comparison. Works also if it has just ended and was not waited for yet. */
export function identify(pid: number): ProcessId {
  return { pid, started: readStarted(pid), boot: bootId };
}

/** Whether an identity still names a living process. */
export function isAlive(id: ProcessId): boolean {
  return id.boot === bootId && readProcess(id.pid)?.started === id.started;
}

/** Processes of our user that work in a folder or below it, also a deleted one; empty where the system hides that. */
export function processesBelow(folder: string, entries: readonly ProcessEntry[]): readonly ProcessEntry[] {
  if (!isLinux || folder === '/') return [];
  const uid = process.geteuid?.();
  const isOurs = (pid: number) => statSync(`/proc/${pid}`).uid === uid;
  return entries.filter(({ pid }) => seen(() => isOurs(pid) && isBelow(folder, pid), false));
}

/** Whether any process works in a folder or below it. It reads one link for each, which is cheaper than a list. */
export function isAnyoneBelow(folder: string): boolean {
  if (!isLinux || folder === '/') return false;
  return pidsInProc().some((pid) => seen(() => isBelow(folder, pid), false)); // it ended, or belongs to another user
}

function isBelow(folder: string, pid: number): boolean {
  const cwd = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
  return cwd === folder || cwd.startsWith(`${folder}/`);
}

/** The given processes and everything that they started, directly or not. */
export function withDescendants(pids: ReadonlySet<number>, entries: readonly ProcessEntry[]): ReadonlySet<number> {
  const children = new Map<number, number[]>();
  for (const entry of entries) children.set(entry.parent, [...(children.get(entry.parent) ?? []), entry.pid]);
  const found = new Set<number>();
  const open = [...pids];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (found.has(pid)) continue;
    found.add(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** This process and its ancestors: they must never get a signal, wherever they work. */
export function ourOwn(entries: readonly ProcessEntry[]): ReadonlySet<number> {
  const parents = new Map(entries.map((entry) => [entry.pid, entry.parent]));
  const own = new Set([0, 1]);
  for (let pid: number | undefined = process.pid; pid !== undefined && !own.has(pid); pid = parents.get(pid))
    own.add(pid);
  return own;
}

function pidsInProc(): number[] {
  return readdirSync('/proc').flatMap((name) => (/^[0-9]+$/.test(name) ? [Number(name)] : []));
}

/** A command's name may hold spaces and parentheses, so fields are counted from the last parenthesis. */
function parseStat(pid: number, stat: string): ProcessEntry | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  if (state === undefined || state === 'Z' || state === 'X') return null;
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    terminal: Number(fields[4]) !== 0,
    started: Number(fields[19]),
  };
}

function readStarted(pid: number): number {
  if (!isLinux) return readProcess(pid)?.started ?? 0;
  const stat = seen(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), null);
  return stat === null ? 0 : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

function listByPs(): readonly ProcessEntry[] {
  const table = execFileSync('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,tty=,lstart='], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
  });
  return table.split('\n').flatMap((line) => {
    const [pid, parent, group, state, tty, ...started] = line.trim().split(/\s+/);
    if (state === undefined || state.startsWith('Z')) return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      terminal: tty !== undefined && !tty.startsWith('?'),
      started: Date.parse(started.join(' ')) / 1000,
    };
  });
}

import { readFileSync } from 'node:fs';
import { livesIn } from '../processes.ts';

/** One run of the scripted agent as its own log tells it. */
export interface AgentRun {
  readonly issue: string;
  readonly role: string;
  readonly round: number;
  readonly attempt: number;
  readonly session: string;
  readonly resumed: boolean;
  readonly message: string | null;
  readonly worktree: string;
  readonly pid: number;
  /** What `pid` and `children` are pids in, see `livesIn`; null: pids of this machine. */
  readonly namespace: string | null;
  /** Pids of the children that the script left behind. */
  readonly children: readonly number[];
  /** Epoch ms. */
  readonly start: number;
  /** Null: it never got to its end, since it was killed, or it is under way. */
  readonly end: number | null;
}

interface Line extends Omit<AgentRun, 'start' | 'end'> {
  readonly what: 'start' | 'child' | 'end';
  readonly at: string;
}

/** The runs in the order of their starts; none where no agent has started yet. */
export function agentRuns(log: string): readonly AgentRun[] {
  const runs: AgentRun[] = [];
  for (const { what, at, ...facts } of lines(log)) {
    if (what === 'start') {
      runs.push({ ...facts, start: Date.parse(at), end: null });
      continue;
    }
    const index = runs.findLastIndex(
      (run) => run.pid === facts.pid && run.session === facts.session && run.end === null,
    );
    runs[index] = { ...runs[index]!, children: facts.children, end: what === 'end' ? Date.parse(at) : null };
  }
  return runs;
}

/** Whether the agent of a run, or a child that it left behind, still lives. */
export function isAnyAlive({ pid, children, namespace }: AgentRun): boolean {
  return [pid, ...children].some((each) => livesIn(namespace, each));
}

/** How many ran at the same moment at most; one without an end counts from its start on. */
export function mostAtOnce(runs: readonly AgentRun[]): number {
  return Math.max(0, ...runs.map(({ start }) => runs.filter((run) => run.start <= start && start < endOf(run)).length));
}

/** Whether two issues' agents ever ran at the same moment. */
export function overlapped(runs: readonly AgentRun[], one: string, other: string): boolean {
  const of = (issue: string) => runs.filter((run) => run.issue === issue);
  return of(one).some((a) => of(other).some((b) => a.start < endOf(b) && b.start < endOf(a)));
}

function endOf(run: AgentRun): number {
  return run.end ?? Infinity;
}

function lines(log: string): readonly Line[] {
  let text = '';
  try {
    text = readFileSync(log, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // A line that is being written has no end yet.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

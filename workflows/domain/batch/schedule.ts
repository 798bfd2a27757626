import type { PlanIssue } from '../issue.ts';
import { priorities } from '../issue.ts';
import type { BatchControl } from './batch.ts';
import { satisfies, type Standing } from './standing.ts';

/** Why a queued issue does not run yet. */
export type Waiting =
  | { readonly kind: 'dependency'; readonly on: readonly { readonly id: string; readonly standing: Standing }[] }
  | { readonly kind: 'files'; readonly with: string }
  | { readonly kind: 'slot' };

/** The issues of a batch as a graph, and how each of them stands; the batch changes it as issues settle. */
export interface Schedule {
  readonly issues: readonly PlanIssue[];
  standing(index: number): Standing;
  standings(): readonly Standing[];
  index(key: string): number | undefined;
  set(index: number, standing: Standing): void;
  /** A person lets this issue start in spite of its dependencies. */
  release(index: number): void;
  released(): readonly number[];
  /** The queued issue to start next; undefined: none can start now. Does not look at width. */
  next(): number | undefined;
  /** The returning issue that gets a slot next; an issue whose files a running one touches keeps waiting. */
  nextReturning(): number | undefined;
  /** Why a queued issue waits. */
  waiting(index: number): Waiting;
  /** Direct dependencies, in plan order. */
  dependencies(index: number): readonly number[];
  dependents(index: number): readonly number[];
  count(...standings: Standing[]): number;
  /**
   * Appends issues to the end of the plan and returns their indexes; their dependencies may name any issue of the
   * batch. An issue that the batch has already is left out.
   */
  add(issues: readonly PlanIssue[]): readonly number[];
}

/** What a schedule is built with besides its issues. */
export interface ScheduleOptions {
  /** The landing policy lands: an approved dependency is not enough. */
  readonly lands: boolean;
  /** An issue that waits without a slot keeps its files: its work is not on the base yet. Left out: it does not. */
  readonly parkedKeepsFiles?: boolean;
  readonly standings?: readonly Standing[];
  readonly released?: readonly number[];
}

/** Builds the schedule of a validated plan. */
export function createSchedule(planned: readonly PlanIssue[], options: ScheduleOptions): Schedule {
  const issues: PlanIssue[] = [];
  const standings: Standing[] = [];
  const byId = new Map<string, number>();
  const byKey = new Map<string, number>();
  const dependencies: number[][] = [];
  const dependents: number[][] = [];
  const released = new Set(options.released ?? []);
  /** Issues whose files nobody else may touch. */
  const running = new Set<number>();
  const holdsFiles = (standing: Standing | undefined) =>
    standing === 'running' || (standing === 'parked' && options.parkedKeepsFiles === true);
  let order: number[] = [];

  const add = (more: readonly PlanIssue[]) => {
    const added: number[] = [];
    for (const issue of more) {
      if (byKey.has(issue.key)) continue;
      const index = issues.push(issue) - 1;
      added.push(index);
      byId.set(issue.id, index);
      byKey.set(issue.key, index);
      standings.push(options.standings?.[index] ?? 'queued');
      if (holdsFiles(standings[index])) running.add(index);
      dependents.push([]);
      dependencies.push([]);
    }
    for (const index of added) {
      const named = new Set(issues[index]!.dependencies.flatMap((id) => byId.get(id) ?? []));
      dependencies[index] = [...named].sort((a, b) => a - b);
      for (const each of named) dependents[each]!.push(index);
    }
    order = startOrder(issues, chainLengths(dependents));
    return added;
  };

  const satisfied = (index: number) =>
    released.has(index) || dependencies[index]!.every((each) => satisfies(standings[each]!, options.lands));
  const contender = (index: number) => {
    const { files } = issues[index]!;
    if (files.length === 0) return undefined;
    for (const other of running) if (other !== index && overlaps(files, issues[other]!.files)) return other;
    return undefined;
  };

  add(planned);
  return {
    issues,
    standing: (index) => standings[index]!,
    standings: () => standings,
    index: (key) => byKey.get(key),
    set(index, standing) {
      standings[index] = standing;
      if (holdsFiles(standing)) running.add(index);
      else running.delete(index);
    },
    release: (index) => void released.add(index),
    released: () => [...released],
    next: () =>
      order.find((index) => standings[index] === 'queued' && satisfied(index) && contender(index) === undefined),
    nextReturning: () => order.find((index) => standings[index] === 'returning' && contender(index) === undefined),
    waiting(index) {
      if (!satisfied(index)) {
        const open = dependencies[index]!.filter((each) => !satisfies(standings[each]!, options.lands));
        return { kind: 'dependency', on: open.map((each) => ({ id: issues[each]!.id, standing: standings[each]! })) };
      }
      const other = contender(index);
      return other === undefined ? { kind: 'slot' } : { kind: 'files', with: issues[other]!.id };
    },
    dependencies: (index) => dependencies[index]!,
    dependents: (index) => dependents[index]!,
    count: (...wanted) => standings.filter((standing) => wanted.includes(standing)).length,
    add,
  };
}

/** Tells a person what an issue waits for. */
export function describeWaiting(waiting: Waiting): string {
  switch (waiting.kind) {
    case 'dependency':
      return `waits for ${waiting.on.map(({ id, standing }) => `${id} (${inWords(standing)})`).join(', ')}`;
    case 'files':
      return `expected to touch the same files as ${waiting.with}`;
    case 'slot':
      return 'no slot is free';
  }
}

/** Tells a person why a queued issue does not start; `unheld`: why not, where no issue and no person holds it. */
export function whyQueued(waiting: Waiting, control: BatchControl, unheld: () => string): string {
  if (control === 'stopped') return 'the batch was stopped';
  if (waiting.kind !== 'slot') return describeWaiting(waiting);
  return control === 'paused' ? 'the batch is paused' : unheld();
}

/** What it costs to start an issue that waits so, as the rest of a sentence; null: nothing holds it. */
export function releasePrice(waiting: Waiting | null): string | null {
  if (waiting?.kind !== 'dependency') return null;
  const approved = waiting.on.every(({ standing }) => standing === 'approved');
  const price = approved
    ? 'it would be built on work that has not landed'
    : 'it would be built on a base without that work';
  return `${describeWaiting(waiting)}: ${price}`;
}

function inWords(standing: Standing): string {
  return standing === 'manual' || standing === 'unanswered' ? 'needs-manual-review' : standing;
}

/** Length of the longest chain of dependents of each issue, the issue included. */
export function chainLengths(dependents: readonly (readonly number[])[]): number[] {
  const lengths: number[] = Array.from({ length: dependents.length }, () => 0);
  // An explicit stack: a chain of 10,000 issues would overflow the call stack.
  for (let root = 0; root < dependents.length; root++) {
    const stack = [root];
    while (stack.length > 0) {
      const index = stack[stack.length - 1]!;
      const open = lengths[index] === 0 ? dependents[index]!.filter((each) => lengths[each] === 0) : [];
      if (open.length > 0) {
        stack.push(...open);
        continue;
      }
      lengths[index] = 1 + Math.max(0, ...dependents[index]!.map((each) => lengths[each]!));
      stack.pop();
    }
  }
  return lengths;
}

/** Indexes in the order in which ready issues start: priority, then the longest chain, then the plan's order. */
export function startOrder(issues: readonly PlanIssue[], chains: readonly number[]): number[] {
  const rank = (index: number) => priorities.indexOf(issues[index]!.priority);
  return issues.map((_, index) => index).sort((a, b) => rank(a) - rank(b) || chains[b]! - chains[a]! || a - b);
}

/** Whether two issues are expected to touch a common file; a folder or a glob stands for everything below it. */
export function overlaps(a: readonly string[], b: readonly string[]): boolean {
  return a.some((one) => b.some((other) => touch(scope(one), scope(other))));
}

interface Scope {
  readonly path: string;
  readonly below: boolean;
}

function scope(pattern: string): Scope {
  const path = pattern.replace(/^(\.?\/)+/, '');
  const wild = path.search(/[*?[{]/);
  if (wild >= 0) return { path: path.slice(0, path.lastIndexOf('/', wild) + 1), below: true };
  return { path, below: path === '' || path.endsWith('/') };
}

function touch(a: Scope, b: Scope): boolean {
  if (a.path === b.path) return true;
  return (
    (a.below && b.path.startsWith(a.path)) ||
    (b.below && a.path.startsWith(b.path)) ||
    a.path === `${b.path}/` ||
    b.path === `${a.path}/`
  );
}

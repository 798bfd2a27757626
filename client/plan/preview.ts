import type { IssueDocument, Priority } from '../../workflows/domain/issue.ts';
import { waves, type PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { chainLengths, createSchedule, overlaps } from '../../workflows/domain/batch/schedule.ts';
import type { ForgePlace, Landing, Role, Settings } from '../../workflows/domain/settings.ts';
import type { BaseBranch } from '../config/repository/base.ts';
import { withoutCredentials } from '../config/repository/remote.ts';

/** Plans up to this size list every pair of issues that touches the same files; longer ones list none. */
const PAIRS_UP_TO = 1000;

/** Why an issue does not start one round earlier. */
type PreviewWait =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'dependency'; readonly on: readonly string[] }
  | { readonly kind: 'files'; readonly with: string }
  /** All slots went to issues that come first: by priority, then by the longest chain, then by the plan's order. */
  | { readonly kind: 'slot' };

/** An issue in a dry run: its facts, its wave, and what it waits for. */
export interface PreviewIssue {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly priority: Priority;
  readonly dependencies: readonly string[];
  /** From 1: issues of one wave could run side by side if there were slots for all. */
  readonly wave: number;
  /** From 1: when it would start at this width if every issue took the same time. */
  readonly round: number;
  readonly waits: PreviewWait;
  /** Length of the longest chain of issues that depend on it, itself included. */
  readonly chain: number;
  /** Ids of issues that never run beside it, because both touch the same files. */
  readonly neverBeside: readonly string[];
}

/** What `start-batch --dry-run` shows, as data; issues in the order in which they would start. */
export interface PlanPreview {
  readonly version: 1;
  readonly name: string;
  readonly repository: { readonly path: string; readonly remote: string };
  /** Where issues and pull requests are; null: the forge is local. */
  readonly place: ForgePlace | null;
  readonly base: BaseBranch;
  readonly landing: Landing;
  readonly width: number;
  readonly roles: Readonly<Record<Role, readonly string[]>>;
  readonly checks: readonly string[];
  readonly issues: readonly PreviewIssue[];
  readonly waves: readonly (readonly string[])[];
  /** The longest chain of dependencies: no width makes the batch shorter. */
  readonly criticalPath: readonly string[];
  readonly skipped: readonly { readonly id: string; readonly title: string; readonly reason: string }[];
  readonly notices: readonly string[];
}

/** What a dry run is made of. */
export interface PreviewInput {
  readonly settings: Settings;
  readonly plan: PlanDocument;
  readonly base: BaseBranch;
  readonly notices: readonly string[];
}

/** Plays the batch through with the real schedule, one round for each issue; starts and writes nothing. */
export function previewPlan(input: PreviewInput): PlanPreview {
  const { settings, plan, base, notices } = input;
  const { issues } = plan;
  const layers = waves(issues, (index) => issues[index]!.skip !== null);
  const wave = new Map(layers.flatMap((layer, number) => layer.map((index) => [index, number + 1] as const)));
  const rounds = playRounds(issues, settings.batch.width);
  const round = new Map(rounds.flatMap((started, number) => started.map((index) => [index, number + 1] as const)));
  const chains = chainLengths(openDependents(issues));
  const contention = contentionOf(issues);
  const ids = (indexes: readonly number[]) => indexes.map((index) => issues[index]!.id);
  return {
    version: 1,
    name: plan.name,
    repository: { path: settings.repository.path, remote: withoutCredentials(settings.repository.remote) },
    place: settings.place ?? null,
    base,
    landing: settings.landing,
    width: settings.batch.width,
    roles: settings.roles,
    checks: settings.checks.map(({ name }) => name),
    issues: rounds.flat().map((index) => {
      const { id, key, title, priority, dependencies } = issues[index]!;
      const waits = waitOf(issues, { index, before: rounds[round.get(index)! - 2] ?? null });
      const neverBeside = ids(contention(index));
      return {
        id,
        key,
        title,
        priority,
        dependencies,
        wave: wave.get(index)!,
        round: round.get(index)!,
        waits,
        chain: chains[index]!,
        neverBeside,
      };
    }),
    waves: layers.map(ids),
    criticalPath: ids(longestChain(issues, chains)),
    skipped: issues.flatMap(({ id, title, skip }) => (skip === null ? [] : [{ id, title, reason: skip }])),
    notices,
  };
}

/** Indexes of the issues that start together, round after round. */
function playRounds(issues: readonly IssueDocument[], width: number): readonly (readonly number[])[] {
  const standings = issues.map(({ skip }) => (skip === null ? 'queued' : 'skipped'));
  const schedule = createSchedule(issues, { lands: false, standings });
  const rounds: number[][] = [];
  for (;;) {
    const started: number[] = [];
    for (let next = schedule.next(); next !== undefined && started.length < width; next = schedule.next()) {
      schedule.set(next, 'running');
      started.push(next);
    }
    if (started.length === 0) return rounds;
    rounds.push(started);
    for (const index of started) schedule.set(index, 'approved');
  }
}

/** What held an issue back one round earlier; `before`: what ran in that round. */
function waitOf(
  issues: readonly IssueDocument[],
  place: { readonly index: number; readonly before: readonly number[] | null },
): PreviewWait {
  const { dependencies, files } = issues[place.index]!;
  if (place.before === null) return { kind: 'nothing' };
  const on = place.before.map((index) => issues[index]!.id).filter((id) => dependencies.includes(id));
  if (on.length > 0) return { kind: 'dependency', on };
  const other = place.before.find((index) => overlaps(files, issues[index]!.files));
  return other === undefined ? { kind: 'slot' } : { kind: 'files', with: issues[other]!.id };
}

/** Issues that wait for each issue, by index; without skipped ones. */
function openDependents(issues: readonly IssueDocument[]): readonly (readonly number[])[] {
  const byId = new Map(issues.map(({ id }, index) => [id, index]));
  const dependents: number[][] = issues.map(() => []);
  for (const [index, { dependencies, skip }] of issues.entries()) {
    for (const id of skip === null ? dependencies : []) dependents[byId.get(id)!]!.push(index);
  }
  return dependents;
}

function longestChain(issues: readonly IssueDocument[], chains: readonly number[]): readonly number[] {
  const dependents = openDependents(issues);
  const open = issues.flatMap(({ skip }, index) => (skip === null ? [index] : []));
  const path: number[] = [];
  let from: readonly number[] = open;
  while (from.length > 0) {
    const next = from.reduce((best, index) => (chains[index]! > chains[best]! ? index : best));
    path.push(next);
    from = dependents[next]!;
  }
  return path;
}

function contentionOf(issues: readonly IssueDocument[]): (index: number) => readonly number[] {
  const open = issues.flatMap(({ skip, files }, index) => (skip === null && files.length > 0 ? [index] : []));
  if (open.length > PAIRS_UP_TO) return () => [];
  return (index) => open.filter((other) => other !== index && overlaps(issues[index]!.files, issues[other]!.files));
}

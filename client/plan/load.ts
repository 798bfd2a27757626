import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { planProblems, type PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { byPlace, collectProblems, UsageError, type Problem } from '../input/errors.ts';
import { cleanLine } from '../../workflows/domain/words.ts';
import { quote } from '../input/text.ts';
import { describePlanProblem } from './describe.ts';
import type { Entry, EntryList } from './entry.ts';
import { readIssueFlag } from './issue-flag.ts';
import { createIssue, issueProblems } from './issue.ts';
import { readTasksJson } from './tasks-json.ts';
import { readPlanYaml, type PlanFile } from './yaml.ts';

/** Most issues in one plan; more can be added to the batch while it runs. */
const MAX_ISSUES = 10_000;

/** Longest sum of all texts: the plan is read whole by every host. */
const MAX_TEXT = 64 * 1024 * 1024;

/** Where to look for a plan in a folder: directly in it, and where today's planners put it. */
const PLAN_NAMES = [
  'plan.yaml',
  'plan.yml',
  'tasks.json',
  '.parallel/plans/active/plan.yaml',
  '.parallel/plans/plan.yaml',
] as const;

/** What a person typed that makes a plan. */
export interface ResolvePlanInput {
  /** PLAN as it was typed: a file, or a folder that holds one; null: the flags are the plan. */
  readonly plan: string | null;
  /** Each `--issue 'id=instructions'`. */
  readonly issues: readonly string[];
  /** Folder that relative names start from: where the user called from. */
  readonly cwd: string;
  /** The repository's working tree: task files may lie in it or beside the plan, nowhere else. */
  readonly repositoryPath: string;
}

/** A plan, checked and complete. */
export interface ResolvedPlan {
  readonly plan: PlanDocument;
  /** What the user should know, one sentence each; above all what is skipped. */
  readonly notices: readonly string[];
}

/** Reads the whole plan and checks that it holds together. @throws UsageError with everything that is wrong, before anything starts. */
export async function resolvePlan(input: ResolvePlanInput): Promise<ResolvedPlan> {
  if (input.plan === null && input.issues.length === 0) {
    const mend =
      "name issues of the forge (`42 43`, `--label ready`), a plan (`plan.yaml`, `tasks.json`, or their folder), or give `--issue 'ID=what to do'`";
    throw new UsageError({ where: 'PLAN', what: 'there is nothing to work on', mend });
  }
  const problems: Problem[] = [];
  const list = input.plan === null ? noPlan : await collectProblems(problems, () => readPlanFile(input.plan!, input));
  problems.push(...(list?.problems ?? []));
  const flags = await Promise.all(
    input.issues.map((flag) => collectProblems(problems, () => readIssueFlag(flag, input.cwd))),
  );
  problems.push(...flags.flatMap((flag) => flag?.problems ?? []));
  const entries = [...(list?.entries ?? []), ...flags.flatMap((flag) => flag?.entry ?? [])];
  problems.push(...entries.flatMap(issueProblems));
  const issues = entries.map(createIssue);
  const isComplete = list?.isComplete === true && !flags.includes(null);
  problems.push(...problemsTogether(issues, { entries, isComplete }));
  if (problems.length > 0) throw new UsageError(byPlace(problems));
  const name = list?.name ?? (input.plan === null ? 'one-off' : basename(resolve(input.cwd, input.plan)));
  return {
    plan: { version: 1, name: cleanLine(name, 120) || 'plan', issues },
    notices: [...skipped(issues), ...passedOn(entries)],
  };
}

/** Only flags. */
const noPlan: EntryList = { name: null, entries: [], problems: [], isComplete: true };

async function readPlanFile(plan: string, input: ResolvePlanInput): Promise<EntryList> {
  const { path, name } = await findPlan(plan, input.cwd);
  const within = await Promise.all([realpath(dirname(path)), realpath(input.repositoryPath)]);
  const file: PlanFile = { path, name, within };
  return name.toLowerCase().endsWith('.json') ? readTasksJson(file) : readPlanYaml(file);
}

/** Finds the plan file that PLAN names, directly or by its folder. @throws UsageError when there is none. */
export async function findPlan(plan: string, cwd: string): Promise<{ readonly path: string; readonly name: string }> {
  const path = resolve(cwd, plan);
  const found = await stat(path).catch(() => null);
  if (!found) {
    const mend = 'correct the name; it starts from the folder that you call from';
    throw new UsageError({ where: plan, what: 'there is no such plan', mend });
  }
  if (!found.isDirectory()) {
    if (/\.(ya?ml|json)$/i.test(path)) return { path, name: plan };
    const mend = "name a `.yaml`, `.yml` or `.json` file; a single task file goes by `--issue 'ID=@FILE'`";
    throw new UsageError({ where: plan, what: 'is not a plan: its name ends in none of .yaml, .yml and .json', mend });
  }
  for (const each of PLAN_NAMES) {
    const file = await stat(join(path, each)).catch(() => null);
    if (file) return { path: join(path, each), name: join(plan, each) };
  }
  throw new UsageError({
    where: plan,
    what: 'there is no plan in this folder',
    mend: `put one there: ${PLAN_NAMES.join(', ')}`,
  });
}

interface Together {
  /** In the order of the issues. */
  readonly entries: readonly Entry[];
  /** False: some issues could not be read, so an unknown dependency may be one of them. */
  readonly isComplete: boolean;
}

/** What is wrong with the issues beside each other. */
function problemsTogether(issues: readonly IssueDocument[], { entries, isComplete }: Together): readonly Problem[] {
  // Looking for near misses takes time, so only a few screens of problems are described.
  const problems = planProblems(issues)
    .filter(({ kind }) => isComplete || (kind !== 'unknown-dependency' && kind !== 'empty'))
    .slice(0, 100)
    .map((problem) => describePlanProblem(problem, issues, entries));
  return [...problems, ...sharedNumbers(issues, entries), ...sizeProblems(issues, entries)];
}

function sizeProblems(issues: readonly IssueDocument[], entries: readonly Entry[]): readonly Problem[] {
  const where = entries[0]?.at('id') ?? 'PLAN';
  if (issues.length > MAX_ISSUES) {
    const mend = 'start with a part of it, and add the rest while the batch runs';
    return [{ where, what: `the plan has ${issues.length} issues; at most ${MAX_ISSUES} are allowed`, mend }];
  }
  const length = issues.reduce((sum, { body }) => sum + body.length, 0);
  if (length <= MAX_TEXT) return [];
  const what = `the texts of the plan have ${length} characters together; at most ${MAX_TEXT} are read`;
  return [{ where, what, mend: 'shorten them, or split the plan' }];
}

/** Tasks that claim the same issue of the forge: the first merge would close it for both. */
function sharedNumbers(issues: readonly IssueDocument[], entries: readonly Entry[]): readonly Problem[] {
  const first = new Map<number, number>();
  return issues.flatMap(({ id, number }, at): readonly Problem[] => {
    if (number === undefined) return [];
    const other = first.get(number);
    if (other === undefined) {
      first.set(number, at);
      return [];
    }
    const what = `${quote(issues[other]!.id)} and ${quote(id)} are both issue #${number}`;
    return [{ where: entries[at]!.at('issue'), what, mend: 'correct one of the two, or remove it' }];
  });
}

/** Tells about keys that Millrace does not act on, in case somebody expected an effect. */
function passedOn(entries: readonly Entry[]): readonly string[] {
  const keys = [...new Set(entries.flatMap(({ extra }) => Object.keys(extra)))].filter((key) => key !== 'title');
  if (keys.length === 0) return [];
  const shown = keys.slice(0, 10).map((key) => cleanLine(key, 40));
  const more = keys.length > 10 ? ` and ${keys.length - 10} more` : '';
  return [`passed on to the agents as text, without effect here: ${shown.join(', ')}${more}`];
}

function skipped(issues: readonly IssueDocument[]): readonly string[] {
  const ids = issues.filter(({ skip }) => skip !== null).map(({ id }) => id);
  if (ids.length === 0) return [];
  const more = ids.length > 10 ? ` and ${ids.length - 10} more` : '';
  return [`${ids.length} of ${issues.length} skipped as completed: ${ids.slice(0, 10).join(', ')}${more}`];
}

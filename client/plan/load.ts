import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { planProblems, type PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { collect, UsageError, type Problem } from '../input/errors.ts';
import { cleanLine } from '../../workflows/domain/words.ts';
import { quote } from '../input/text.ts';
import { describePlanProblem } from './describe.ts';
import type { Entry, EntryList } from './entry.ts';
import { readIssueFlag } from './issue-flag.ts';
import { createIssue } from './issue.ts';
import { readTasksJson } from './tasks-json.ts';
import { readPlanYaml, type PlanFile } from './yaml.ts';

/** Most issues of one plan; more are added to the batch while it runs. */
const MAX_ISSUES = 10_000;

/** Longest sum of all texts: the plan is read whole by every host. */
const MAX_TEXT = 64 * 1024 * 1024;

/** Where a plan is looked for in a folder: beside it, and where the planners of today put it. */
const PLAN_NAMES = [
  'plan.yaml',
  'plan.yml',
  'tasks.json',
  '.parallel/plans/active/plan.yaml',
  '.parallel/plans/plan.yaml',
] as const;

export interface LoadPlanInput {
  /** PLAN as it was typed: a file, or a folder that holds one; null: the flags are the plan. */
  readonly plan: string | null;
  /** Each `--issue 'id=instructions'`. */
  readonly issues: readonly string[];
  /** Folder that relative names start from: where the user called from. */
  readonly cwd: string;
  /** The repository's working tree: task files may lie in it or beside the plan, nowhere else. */
  readonly repositoryPath: string;
}

export interface LoadedPlan {
  readonly plan: PlanDocument;
  /** What the user should know, a sentence each: above all what is skipped. */
  readonly notices: readonly string[];
}

/** The whole plan, read and found to hold together. @throws UsageError with all that is wrong, before anything starts. */
export async function loadPlan(input: LoadPlanInput): Promise<LoadedPlan> {
  if (input.plan === null && input.issues.length === 0) {
    const mend =
      "name issues of the forge (`42 43`, `--label ready`), a plan (`plan.yaml`, `tasks.json`, or their folder), or give `--issue 'ID=what to do'`";
    throw new UsageError({ where: 'PLAN', what: 'there is nothing to work on', mend });
  }
  const problems: Problem[] = [];
  const list = input.plan === null ? null : await collect(problems, () => readPlan(input.plan!, input));
  const flags = await Promise.all(input.issues.map((flag) => collect(problems, () => readIssueFlag(flag, input.cwd))));
  const entries = [...(list?.entries ?? []), ...flags.filter((entry) => entry !== null)];
  const issues: IssueDocument[] = [];
  for (const entry of entries) {
    const issue = await collect(problems, () => createIssue(entry));
    if (issue) issues.push(issue);
  }
  // With an issue missing, what depends on it would be reported as well.
  if (problems.length > 0) throw new UsageError(problems);
  refuseWhatDoesNotHold(issues, entries);
  const name = list?.name ?? (input.plan === null ? 'one-off' : basename(resolve(input.cwd, input.plan)));
  return {
    plan: { version: 1, name: cleanLine(name, 120) || 'plan', issues },
    notices: [...skipped(issues), ...passedOn(entries)],
  };
}

async function readPlan(plan: string, input: LoadPlanInput): Promise<EntryList> {
  const { path, name } = await findPlan(plan, input.cwd);
  const within = await Promise.all([realpath(dirname(path)), realpath(input.repositoryPath)]);
  const file: PlanFile = { path, name, within };
  return name.toLowerCase().endsWith('.json') ? readTasksJson(file) : readPlanYaml(file);
}

/** The file that PLAN means: itself, or the one in a folder. @throws UsageError when there is none. */
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
    throw new UsageError({ where: plan, what: 'is no plan that can be read by its name', mend });
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

function refuseWhatDoesNotHold(issues: readonly IssueDocument[], entries: readonly Entry[]): void {
  // Looking for near misses takes its time: what is beyond a few screens is not described.
  const problems = planProblems(issues)
    .slice(0, 100)
    .map((problem) => describePlanProblem(problem, issues, entries));
  problems.push(...sharedNumbers(issues, entries));
  if (problems.length > 0) throw new UsageError(problems);
  const where = entries[0]?.at('id') ?? 'PLAN';
  if (issues.length > MAX_ISSUES) {
    const mend = 'start with a part of it, and add the rest while the batch runs';
    throw new UsageError({ where, what: `the plan has ${issues.length} issues; at most ${MAX_ISSUES} are one`, mend });
  }
  const length = issues.reduce((sum, { body }) => sum + body.length, 0);
  if (length <= MAX_TEXT) return;
  const what = `the texts of the plan have ${length} characters together; at most ${MAX_TEXT} are read`;
  throw new UsageError({ where, what, mend: 'shorten them, or split the plan' });
}

/** One issue of the forge that two tasks call theirs: the first merge would close it for both. */
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

/** Keys that Millrace does not act on: whoever meant one to do something should know. */
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

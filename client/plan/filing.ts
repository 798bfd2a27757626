import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { MAX_FILED, type FiledBefore } from '../../workflows/domain/plan/filing.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { hasServer } from '../../workflows/domain/forge-facts.ts';
import type { IssueRules, Settings } from '../../workflows/domain/settings.ts';
import type { Purpose } from '../config/load.ts';
import { UsageError, type Problem } from '../input/errors.ts';
import { cleanLine } from '../../workflows/domain/words.ts';
import { quote } from '../input/text.ts';
import { parseYaml, type Source } from '../input/yaml.ts';
import { tasksOf, type PlanPlace } from './numbers.ts';

/** Longest text of an issue with its dependencies: GitHub accepts 65,536 characters, and our marker needs a few. */
const MAX_TEXT = 60_000;

/** `Depends on #1234567` and its line end. */
const DEPENDENCY_LENGTH = 21;

/** Longest label that is asked for: GitHub takes 50, Gitea 255. */
const MAX_LABEL = 100;

/** Work is pushed to origin, so a flag alone does not give the repository a forge. */
const withOrigin =
  'give this clone an origin on a forge with issues (`git remote set-url origin https://HOST/OWNER/NAME.git`); where it has one: `--forge auto`';

/** Refuses a forge that has no issues. @throws UsageError */
export function requireForge({ forge }: Settings, purpose: Purpose): void {
  if (hasServer(forge)) return;
  throw new UsageError({
    where: `forge: ${forge}`,
    what: `this repository has the ${forge} forge, which keeps no issues: the plan is their place`,
    mend: `work on the plan as it is (\`millrace start-batch PLAN\`), or ${purpose === 'work' ? withOrigin : 'name a forge with issues: `--forge github --repo OWNER/NAME`'}`,
  });
}

/** Cleans each `--label`. @throws UsageError for one that is not a label. */
export function parseLabels(labels: readonly string[]): readonly string[] {
  return labels.map((label) => {
    const clean = cleanLine(label, MAX_LABEL + 1);
    if (clean !== '' && clean.length <= MAX_LABEL) return clean;
    const what = `${quote(label)} is not a label of 1 to ${MAX_LABEL} characters`;
    throw new UsageError({ where: '--label', what, mend: 'write for example `--label backlog`' });
  });
}

/** The plan with all labels that its issues should get: their own, the one for their priority, and those of `--label`. */
export function withLabels(
  plan: PlanDocument,
  labels: { readonly rules: IssueRules | undefined; readonly more: readonly string[] },
): PlanDocument {
  const of = ({ labels: own, priority }: IssueDocument) => {
    const [word] = labels.rules?.priorities[priority] ?? [];
    return unique([...own, ...(word === undefined ? [] : [word]), ...labels.more]);
  };
  return { ...plan, issues: plan.issues.map((issue) => ({ ...issue, labels: of(issue) })) };
}

/** Refuses everything that a forge would not accept or that could not be written back, before anything is filed. @throws UsageError */
export async function refuseUnfileable(plan: PlanDocument, file: PlanPlace): Promise<void> {
  const open = plan.issues.filter(({ skip }) => skip === null);
  const problems: Problem[] = [];
  if (open.length > MAX_FILED) {
    const what = `the plan has ${open.length} tasks that are not completed; at most ${MAX_FILED} are filed at once`;
    problems.push({ where: file.name, what, mend: 'split it into several plans, or complete some of it first' });
  }
  const tooLong = open.filter((issue) => lengthOf(issue) > MAX_TEXT);
  if (tooLong.length > 0) {
    const places = await placesIn(file);
    for (const issue of tooLong) {
      const what = `the text of ${quote(issue.id)} has ${lengthOf(issue)} characters with its dependencies; a forge takes ${MAX_TEXT}`;
      problems.push({
        where: places(issue.id),
        what,
        mend: 'shorten it, or move long parts into files of the repository',
      });
    }
  }
  const writable = await access(file.path, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) {
    const what = 'cannot be written, and the numbers of its issues have to go into it';
    problems.push({ where: file.name, what, mend: 'make it writable, or copy it to where you may write' });
  }
  if (problems.length > 0) throw new UsageError(problems);
}

/** Describes the issues that a plan names and the forge does not have, each with its line. */
export async function missingIssues(
  { missing }: Pick<FiledBefore, 'missing'>,
  plan: PlanDocument,
  file: PlanPlace,
): Promise<UsageError> {
  const places = await placesIn(file);
  const idOf = new Map(plan.issues.map(({ key, id }) => [key, id]));
  return new UsageError(
    missing.map(({ key, number }) => ({
      where: places(idOf.get(key) ?? key, 'issue'),
      what: `the forge has no issue #${number}`,
      mend: 'correct the number, or remove the line to have the task filed',
    })),
  );
}

/** Finds a task, or a field of it, in the plan. */
async function placesIn(file: PlanPlace): Promise<(id: string, field?: string) => string> {
  const source: Source = parseYaml({
    name: file.name,
    text: await readFile(file.path, 'utf8'),
    scalars: 'as-written',
  });
  const tasks = tasksOf(source);
  return (id, field) => source.at([...(tasks.get(id) ?? []), ...(field === undefined ? [] : [field])]);
}

function lengthOf({ body, dependencies }: IssueDocument): number {
  return body.length + dependencies.length * DEPENDENCY_LENGTH;
}

/** Keeps the first of labels that differ only in case: to a forge they are the same. */
function unique(labels: readonly string[]): readonly string[] {
  const plain = labels.map((label) => label.toLowerCase());
  return labels.filter((_, index) => plain.indexOf(plain[index]!) === index);
}

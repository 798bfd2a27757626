import pMap from 'p-map';
import { forgeKinds, hasServer } from '../../workflows/domain/forge-facts.ts';
import type { Selected, SelectRequest } from '../../workflows/domain/forge/forge-question.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { planProblems, type PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { heldBack, byUrgency, priorityOf, type Skip } from '../../workflows/domain/plan/selection.ts';
import type { ForgePlace, IssueRules, Settings } from '../../workflows/domain/settings.ts';
import { createBlockers } from './blockers.ts';
import { AT_ONCE, candidatesOf, queryWords } from './candidates.ts';
import { visibleLine } from '../text/visible.ts';
import type { Forge } from '../forges/forge.ts';
import type { ForgeIssue, IssueComment } from '../forges/issue.ts';
import { keyIn } from '../forges/key.ts';
import { issueBody, issueTitle } from './issue-text.ts';
import { assess, numbered, type Assessment, type Assessed } from './eligibility.ts';
import { Refused } from '../failure/refusal.ts';
import { createTrust } from './trust.ts';

/** What was asked for, and of which repository. */
export interface SelectInput {
  readonly settings: Settings;
  readonly request: SelectRequest;
  /** When the texts are read, epoch ms. */
  readonly now: number;
}

/** Makes a plan of a forge's issues; those that must not be worked on are in it, each with its reason. @throws Refused, ForgeError. */
export async function selectIssues(forge: Forge, { settings, request, now }: SelectInput): Promise<Selected> {
  const { by, trustAnyone, beside = [] } = request;
  const { rules, place } = keepingOf(settings);
  if (trustAnyone) await mustBePrivate(forge, settings.repository.base);
  const trust = createTrust(forge, { anyone: trustAnyone });
  const labels = by.kind === 'query' ? by.labels : [];
  const ordered = byUrgency(await candidatesOf(forge, by), rules);
  const numbers = new Set([...beside, ...ordered.map(({ number }) => number)]);
  const { dependencies: keepsDependencies } = await forge.capabilities();
  const blockers = createBlockers(forge, { numbers, keepsDependencies, place });
  const limit = by.kind === 'query' ? by.limit : null;
  const assessed = await assess(ordered, limit, { forge, rules, trust, labels, blockers, beside });

  const chosen = new Set([...beside, ...assessed.map(({ issue }) => issue.number)]);
  const readAt = new Date(now).toISOString();
  const write = async ({ issue, skip: why, blockers: all }: Assessed) => {
    const comments = why === null ? await commentsOf(issue, { forge, trust }) : [];
    const dependencies = all.filter((number) => chosen.has(number));
    return documentOf(issue, { why, comments, dependencies, rules, readAt });
  };
  const documents = await pMap(assessed, write, { concurrency: AT_ONCE });
  const issues = heldBack(documents);
  refuseWhatDoesNotHold(issues);
  const plan: PlanDocument = { version: 1, name: nameOf(request, issues), issues };
  return { kind: 'selected', plan };
}

function keepingOf({ issues: rules, forge, place }: Settings): {
  readonly rules: IssueRules;
  readonly place: ForgePlace;
} {
  if (rules && place) return { rules, place };
  const what = `the ${forge} forge keeps no issues`;
  const others = forgeKinds.filter(hasServer).join('|');
  const mend = `give a plan or \`--issue 'ID=what to do'\`, or name a forge that keeps them: \`--forge ${others}\``;
  throw new Refused([{ where: 'start-batch', what, mend }]);
}

async function mustBePrivate(forge: Forge, base: string): Promise<void> {
  if ((await forge.inspect(base)).isPrivate) return;
  const what = 'this repository is not private: anybody could write what agents are then told to do';
  const mend = 'leave it out, and select by a label that only writers can set: `--label`';
  throw new Refused([{ where: '--trust-anyone', what, mend }]);
}

/** Comments of people with write access; our own are left out, whichever account wrote them. */
async function commentsOf(
  issue: ForgeIssue,
  { forge, trust }: Pick<Assessment, 'forge' | 'trust'>,
): Promise<readonly IssueComment[]> {
  const kept: IssueComment[] = [];
  for (const comment of await forge.comments(issue.number)) {
    if (keyIn(comment.body) === null && (await trust.writes(comment.author))) kept.push(comment);
  }
  return kept;
}

interface DocumentFacts {
  readonly why: Skip | null;
  readonly comments: readonly IssueComment[];
  readonly dependencies: readonly number[];
  readonly rules: IssueRules;
  readonly readAt: string;
}

function documentOf(issue: ForgeIssue, facts: DocumentFacts): IssueDocument {
  const { why, comments, dependencies, rules, readAt } = facts;
  const labels = issue.labels.map((label) => visibleLine(label, 100)).filter((label) => label !== '');
  const identity = numbered(issue);
  return {
    ...identity,
    title: issueTitle(issue),
    priority: priorityOf(issue.labels, rules),
    dependencies: dependencies.map(String),
    files: [],
    pin: { textHash: identity.textHash, readAt },
    // No agent reads the text of an issue that is not worked on.
    body: why === null ? issueBody(issue, comments) : '',
    labels: [...new Set(labels)],
    skip: why?.reason ?? null,
    ...(why ? { skipSatisfies: why.satisfies } : {}),
  };
}

function refuseWhatDoesNotHold(issues: readonly IssueDocument[]): void {
  const problems = planProblems(issues).flatMap((problem) => {
    if (problem.kind === 'self-dependency') {
      const where = `#${issues[problem.at]!.id}`;
      return [{ where, what: `${where} depends on itself`, mend: 'remove that from its text or its dependencies' }];
    }
    if (problem.kind !== 'cycle') return [];
    const ids = problem.path.map((at) => `#${issues[at]!.id}`);
    const shown = ids.length > 20 ? [...ids.slice(0, 19), `(${ids.length - 20} more)`, ids.at(-1)] : ids;
    const what = `these issues wait for each other: ${shown.join(' -> ')}`;
    return [{ where: ids[0]!, what, mend: 'remove one of these dependencies on the forge' }];
  });
  if (problems.length > 0) throw new Refused(problems.slice(0, 100));
}

function nameOf({ by }: SelectRequest, issues: readonly IssueDocument[]): string {
  if (by.kind === 'query') {
    const words = queryWords(by);
    return visibleLine(words === '' ? 'open issues' : `issues with ${words}`, 120);
  }
  return visibleLine(`issues ${issues.map(({ id }) => `#${id}`).join(', ')}`, 120);
}

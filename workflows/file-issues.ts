import { setHandler } from '@temporalio/workflow';
import { blockersOf, filingOrder } from './domain/plan/filing.ts';
import type { FiledBefore, FiledIssue, FileIssuesInput, Filing } from './domain/plan/filing.ts';
import type { PlanIssue } from './domain/issue.ts';
import { isTimedOut, knownFailure } from './failures.ts';
import { filingQuery } from './messages.ts';
import { fileIssue, readFiled } from './proxies.ts';
import { readPlan } from './read-plan.ts';

/**
 * Files a plan's issues on the forge, each after its dependencies, and ends when all of them are there or the forge has
 * refused one; its result says which are. It owns nothing: the issues stay, and a second run finds them again.
 */
export async function fileIssuesWorkflow(input: FileIssuesInput): Promise<Filing> {
  const planned = await issuesToFile(input);
  const issues: FiledIssue[] = [];
  setHandler(filingQuery, () => ({ done: issues.length, of: planned.length }));
  let at: string | null = null;
  const end = (rest: Partial<Filing>): Filing => ({ version: 1, issues, missing: [], stopped: null, ...rest });

  try {
    const { repo, settings, plan } = input;
    const before: FiledBefore = await readFiled({ repo, settings, plan });
    issues.push(...before.issues);
    // A number without an issue is a mistake in the plan: it is reported before anything is filed.
    if (before.missing.length > 0) return end({ missing: before.missing });

    const numbers = numbersById(planned, issues);
    for (const issue of planned) {
      if (numbers.has(issue.id)) continue;
      at = issue.key;
      const filed = await fileIssue({ repo, settings, plan, key: at, blockedBy: blockersOf(issue, numbers) });
      issues.push(filed);
      numbers.set(issue.id, filed.number);
    }
    return end({});
  } catch (error) {
    return end({ stopped: { key: at, why: whyStopped(error) } });
  }
}

/** The plan's issues without those that it calls completed, in the order of filing. */
async function issuesToFile(input: FileIssuesInput): Promise<readonly PlanIssue[]> {
  const { issues, skips } = await readPlan(input);
  const completed = new Set(skips.map(({ key }) => key));
  return filingOrder(issues.filter(({ key }) => !completed.has(key)));
}

function numbersById(planned: readonly PlanIssue[], issues: readonly FiledIssue[]): Map<string, number> {
  const byKey = new Map(issues.map(({ key, number }) => [key, number]));
  return new Map(
    planned.flatMap(({ id, key }): [string, number][] => {
      const number = byKey.get(key);
      return number === undefined ? [] : [[id, number]];
    }),
  );
}

/** Why filing stopped, for people. @throws the error where it is a bug or a cancellation. */
function whyStopped(error: unknown): string {
  const known = knownFailure(error);
  if (known) return known.message;
  if (isTimedOut(error)) return 'the forge did not take it within a day';
  throw error;
}

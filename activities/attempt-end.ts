import type { AttemptEnd, AttemptInput } from '../workflows/domain/attempt.ts';
import type { SpentBudget } from '../workflows/domain/budget.ts';
import type { ReviewDocument } from '../workflows/domain/review.ts';
import type { Conclusion } from './agents/agent.ts';
import type { ArtifactStore } from './artifact.ts';
import { cut } from './claim.ts';
import { nightEnd } from './ledger.ts';

/** Conclusions that end an attempt; after the others it is tried again, or a person has to act. */
export type Final = Extract<
  Conclusion,
  { kind: 'claimed' | 'unclaimed' | 'limited' | 'exhausted' | 'refused' | 'stopped' }
>;

/** Longest summary that goes into history; characters. */
const LONGEST_SUMMARY = 500;

/** Whether an attempt is over with this conclusion: its agent is not started again. */
export function isFinal(conclusion: Conclusion): conclusion is Final {
  switch (conclusion.kind) {
    case 'claimed':
    case 'unclaimed':
    case 'limited':
    case 'exhausted':
    case 'refused':
      return true;
    case 'stopped':
      return conclusion.limit !== 'silence';
    case 'unavailable':
    case 'session-lost':
    case 'cancelled':
    case 'crashed':
      return false;
  }
}

/** What a workflow is told of a conclusion; the text of a review goes to the artifacts. */
export async function endOf(conclusion: Final, input: AttemptInput, artifacts: ArtifactStore): Promise<AttemptEnd> {
  switch (conclusion.kind) {
    case 'claimed':
      return claimedEnd(conclusion, input, artifacts);
    case 'unclaimed':
      if (input.role === 'review') return { kind: 'unreadable', problem: cut(conclusion.problem, LONGEST_SUMMARY) };
      return { kind: 'worked', claim: 'none' };
    case 'limited':
      return { kind: 'limited', resetsAt: conclusion.resetsAt, ...reasonOf(conclusion.reason) };
    case 'exhausted':
      return { kind: 'exhausted', what: conclusion.what };
    case 'stopped':
      if (conclusion.limit === 'turns') return { kind: 'exhausted', what: 'turns' };
      return { kind: 'budget-spent', what: conclusion.limit, ...budgetFacts(conclusion.budget) };
    case 'refused':
      return { kind: 'refused', reason: cut(conclusion.reason, LONGEST_SUMMARY) };
  }
}

function reasonOf(words: string) {
  return words === '' ? {} : { reason: cut(words, LONGEST_SUMMARY) };
}

/** Whose budget it was; that of a night begins anew at noon. */
function budgetFacts(budget: SpentBudget | undefined) {
  if (budget === undefined) return {};
  return { reason: budget.reason, ...(budget.of === 'night' ? { renewsAt: nightEnd(Date.now()) } : {}) };
}

/** The agent's own words, as they may stand in history. */
export function summaryOf(conclusion: Conclusion): string {
  switch (conclusion.kind) {
    case 'claimed':
      return cut(conclusion.claim.summary, LONGEST_SUMMARY);
    case 'unclaimed':
      return cut(conclusion.summary || conclusion.problem, LONGEST_SUMMARY);
    case 'limited':
    case 'exhausted':
    case 'stopped':
    case 'unavailable':
    case 'refused':
    case 'session-lost':
    case 'cancelled':
    case 'crashed':
      return '';
  }
}

async function claimedEnd(
  { claim }: Extract<Conclusion, { kind: 'claimed' }>,
  input: AttemptInput,
  artifacts: ArtifactStore,
): Promise<AttemptEnd> {
  if (claim.kind === 'work') {
    if (input.role !== 'review') return { kind: 'worked', claim: claim.status };
    return { kind: 'unreadable', problem: 'the result has a status where a review needs a verdict' };
  }
  if (input.role !== 'review') return { kind: 'worked', claim: 'none' };
  const { verdict, summary, findings } = claim;
  const document: ReviewDocument = { version: 1, head: input.head, round: input.round, verdict, summary, findings };
  return { kind: 'reviewed', verdict, findings: findings.length, review: await artifacts.put(document) };
}

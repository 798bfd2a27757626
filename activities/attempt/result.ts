import type { AttemptEnd, AttemptInput } from '../../workflows/domain/attempt.ts';
import type { SpentBudget } from '../../workflows/domain/batch/budget.ts';
import { firstReview, laterReview, type Converged } from '../../workflows/domain/agent/convergence.ts';
import { blockingFindings, type ReviewDocument } from '../../workflows/domain/review.ts';
import type { Conclusion, Claim } from '../agents/agent.ts';
import { cut } from '../../workflows/domain/words.ts';
import { createGit } from '../git/git.ts';
import { nightEnd } from './ledger.ts';
import type { Repository } from '../repository/repository.ts';
import { touchedLines } from '../git/changed-lines.ts';

/** Conclusions that end an attempt. After any other one it is tried again, or a person has to act. */
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
export async function endOf(conclusion: Final, input: AttemptInput, repository: Repository): Promise<AttemptEnd> {
  switch (conclusion.kind) {
    case 'claimed':
      return claimedEnd(conclusion, input, repository);
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

/** Whose budget it was; a night's budget begins anew at noon. */
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
  repository: Repository,
): Promise<AttemptEnd> {
  if (claim.kind === 'work') {
    if (input.role !== 'review') return { kind: 'worked', claim: claim.status };
    return { kind: 'unreadable', problem: 'the result has a status where a review needs a verdict' };
  }
  if (input.role !== 'review') return { kind: 'worked', claim: 'none' };
  const decided = await decide(claim, input, repository);
  if (decided.kind === 'contradictory') return { kind: 'unreadable', problem: decided.problem };
  const { verdict, findings, resolved } = decided;
  const document: ReviewDocument = {
    version: 1,
    head: input.head,
    round: input.round,
    verdict,
    summary: claim.summary,
    findings,
    ...(verdict === claim.verdict ? {} : { said: claim.verdict }),
    ...(resolved.length === 0 ? {} : { resolved }),
  };
  const review = await repository.artifacts.put(document);
  return { kind: 'reviewed', verdict, findings: blockingFindings(document).length, review };
}

/** From the second round on, what became of the earlier findings decides. */
async function decide(
  { verdict: said, findings, judgements }: Extract<Claim, { kind: 'review' }>,
  { ask, head }: AttemptInput,
  { artifacts, layout }: Repository,
): Promise<Converged> {
  const { earlier = null, since = null } = ask.kind === 'review' || ask.kind === 'review-again' ? ask : {};
  if (earlier === null || since === null) {
    return { kind: 'decided', verdict: said, findings: firstReview(said, findings), resolved: [] };
  }
  const before = blockingFindings(await artifacts.get<ReviewDocument>(earlier));
  const touched = await touchedLines(createGit(layout.mirror), since, head);
  return laterReview({ said, findings, judgements, earlier: before, touched });
}

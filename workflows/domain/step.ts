import type { ArtifactRef } from './artifact.ts';
import type { Ask, ChecksResult } from './attempt.ts';
import { forgeErrors, isForgeErrorKind } from './forge/error-kind.ts';
import type { OutcomeKind } from './outcome.ts';
import type { Policy } from './settings.ts';

/** What an issue's workflow does next: its whole process as one value. */
export type Step =
  | { readonly kind: 'prepare' }
  | { readonly kind: 'implement'; readonly ask: Ask }
  | { readonly kind: 'check' }
  | { readonly kind: 'publish' }
  | { readonly kind: 'review' }
  | { readonly kind: 'fix'; readonly ask: Ask }
  /** Wait for the forge's CI; `armed`: the forge merges on green. */
  | { readonly kind: 'await-ci'; readonly armed: boolean }
  /** `ciPassed`: it was waited for already. */
  | { readonly kind: 'land'; readonly ciPassed?: boolean }
  /** Wait for a person; `resume`: where it goes on. */
  | { readonly kind: 'person'; readonly reason: string; readonly resume: Step }
  | { readonly kind: 'end'; readonly outcome: OutcomeKind; readonly reason: string };

/** The last step. */
export type End = Extract<Step, { kind: 'end' }>;

/** Counters of one issue; none stands in for another. */
export interface Counters {
  /** Reviews with a verdict. */
  readonly rounds: number;
  /** Rounds until a person is asked; grows by the policy's number with each resume. */
  readonly roundsAllowed: number;
  readonly checkFixes: number;
  /** Fixes of what the forge's CI found. */
  readonly ciFixes: number;
  readonly continuations: number;
  /** The implementer was already told once that doing nothing will not do. */
  readonly pushedBack: boolean;
}

/** After an implementing attempt: did it do anything, and if not, what is made of its words? */
export function afterImplement(
  result: {
    readonly changed: boolean;
    readonly claim: 'completed' | 'no-change' | 'failed' | 'none';
    readonly summary: string;
  },
  counters: Counters,
  answer: string | null,
): Step {
  if (result.changed) return { kind: 'check' };
  if (!counters.pushedBack && (answer !== null || result.claim !== 'no-change')) {
    return { kind: 'implement', ask: { kind: 'push-back', words: answer ?? defaultPushBack } };
  }
  if (result.claim === 'no-change')
    return { kind: 'end', outcome: 'no-change', reason: result.summary || 'nothing to change' };
  return { kind: 'end', outcome: 'failed', reason: idleReason(result) };
}

/** Why an agent that changed nothing has failed, in words that tell an empty claim from a reason. */
function idleReason({ claim, summary }: { readonly claim: string; readonly summary: string }): string {
  if (claim === 'completed') return `the agent changed nothing and called it completed${summary && `: ${summary}`}`;
  return `agent gave up: ${summary || 'it ended without a word and without work'}`;
}

/** What an agent hears if it ended without work and gave no reason that we know an answer to. */
const defaultPushBack =
  'Nothing was changed. Read the issue again: many are simpler than they appear, and even a partial implementation counts. If it is really done already, answer with status no-change and say where.';

/** After the checks: a failing check is data, and goes back to the same session. */
export function afterChecks(
  result: Pick<ChecksResult, 'passed' | 'checks' | 'document'>,
  counters: Counters,
  policy: Policy,
): Step {
  if (result.passed) return { kind: 'publish' };
  const ask: Ask = { kind: 'fix-checks', checks: result.document };
  if (counters.checkFixes < policy.checkFixes) return { kind: 'fix', ask };
  const failed = result.checks.flatMap(({ name, passed }) => (passed ? [] : [name])).join(', ');
  return {
    kind: 'person',
    reason: `checks still fail after ${count(policy.checkFixes, 'fix', 'es')}: ${failed}`,
    resume: { kind: 'fix', ask },
  };
}

/** After CI was red, not by chance: the logs go to the agent, within the policy. The review that the fix needs is granted. */
export function afterRedCi(
  result: { readonly failed: readonly string[]; readonly document: ArtifactRef },
  counters: Counters,
  allowed: number,
): { readonly step: Step; readonly counters: Counters } {
  const fix: Step = { kind: 'fix', ask: { kind: 'fix-checks', checks: result.document } };
  if (counters.ciFixes < allowed) {
    const granted = { ...counters, ciFixes: counters.ciFixes + 1, roundsAllowed: counters.roundsAllowed + 1 };
    return { step: fix, counters: granted };
  }
  const reason = `CI still fails after ${count(allowed, 'fix', 'es')}: ${result.failed.join(', ')}`;
  return { step: { kind: 'person', reason, resume: fix }, counters };
}

/** After a review with a verdict. */
export function afterReview(verdict: 'approved' | 'needs-work', review: ArtifactRef, counters: Counters): Step {
  if (verdict === 'approved') return { kind: 'land' };
  const fix: Step = { kind: 'fix', ask: { kind: 'fix-review', review } };
  if (counters.rounds < counters.roundsAllowed) return fix;
  return {
    kind: 'person',
    reason: `review still needs work after ${count(counters.rounds, 'round', 's')}`,
    resume: fix,
  };
}

function count(number: number, word: string, plural: string): string {
  return `${number} ${word}${number === 1 ? '' : plural}`;
}

/**
 * After the forge refused a step for the credential's sake: nothing of the work is wrong, so it waits for a person, and
 * the same step goes on. Null: it was refused for another reason.
 */
export function afterRefusal(
  step: Exclude<Step, End>,
  failure: { readonly type: string; readonly message: string; readonly details: unknown },
): Step | null {
  const { details } = failure;
  const kind = typeof details === 'object' && details !== null && 'kind' in details ? details.kind : null;
  if (failure.type !== 'ForgeRejected' || !isForgeErrorKind(kind) || !forgeErrors[kind].isOfCredential) return null;
  return { kind: 'person', reason: failure.message, resume: step.kind === 'person' ? step.resume : step };
}

import type { AttemptInput, AttemptResult } from '../../../workflows/domain/attempt.ts';
import type { Script } from './memory-activities.ts';

type Answer = NonNullable<Script['agent']>;

/** Answers by role; a role that is left out does well. */
export function byRole(answers: Partial<Record<AttemptInput['role'], Answer>>): Answer {
  return (input) => answers[input.role]?.(input) ?? {};
}

/** A reviewer's verdict with two findings. */
export const needsWork: Partial<AttemptResult> = {
  end: { kind: 'reviewed', verdict: 'needs-work', findings: 2, review: { sha256: '1'.repeat(64), bytes: 9 } },
};

/** An agent that did nothing, and what it says. */
export function idle(claim: 'completed' | 'no-change' | 'failed' | 'none', summary = ''): Partial<AttemptResult> {
  return { end: { kind: 'worked', claim }, changed: false, head: 'base', summary };
}

/** An agent whose account is used up until then (epoch ms). */
export function limited(resetsAt: number | null): Partial<AttemptResult> {
  return { end: { kind: 'limited', resetsAt }, changed: false };
}

/** An agent that came to a limit of its session. */
export function exhausted(what: 'context' | 'turns'): Partial<AttemptResult> {
  return { end: { kind: 'exhausted', what } };
}

/** The sentence with which an update was refused; undefined: it was not. */
export async function refusal(update: Promise<unknown>): Promise<string | undefined> {
  try {
    await update;
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowUpdateFailedError' && error.cause instanceof Error) {
      return error.cause.message;
    }
    throw error;
  }
}

import { condition, setHandler } from '@temporalio/workflow';
import { refuse } from '../failures.ts';
import { acceptUpdate, resumeUpdate } from '../messages.ts';
import type { IssueState } from './progress.ts';

/** What a person decided about a waiting issue. */
export type Decision =
  | { readonly kind: 'resume'; readonly message: string | null }
  | { readonly kind: 'accept'; readonly reason: string | null }
  /** Nobody answered in time. */
  | { readonly kind: 'silence' };

/** How long an issue waits for a person: a fortnight's holiday, and far below the 30 days of retention. */
export const PATIENCE_MS = 14 * 24 * 3_600_000;

/** Longest message that a person can send: it goes into history and into a prompt. */
const MESSAGE_LIMIT = 8_000;

/** A person's side of an issue: messages are refused, with a sentence, where they make no sense. */
export function createPerson(state: IssueState) {
  let decision: Decision | null = null;

  const mayNot = (what: string): never =>
    refuse(`cannot ${what}: the issue is ${state.stage}${state.reason ? ` (${state.reason})` : ''}`);

  setHandler(
    resumeUpdate,
    ({ message }) => {
      decision = { kind: 'resume', message };
      return state.stage;
    },
    {
      validator({ message }) {
        if (isTooLong(message)) mayNot(`resume with a message of more than ${MESSAGE_LIMIT} characters`);
        if (decision !== null) mayNot('resume: somebody just did');
        if (state.stage !== 'waiting (human)' && state.stage !== 'waiting (quota)') {
          mayNot('resume: it does not wait for anybody');
        }
      },
    },
  );
  setHandler(
    acceptUpdate,
    ({ reason }) => {
      decision = { kind: 'accept', reason };
      return state.stage;
    },
    {
      validator({ reason }) {
        if (isTooLong(reason)) mayNot(`accept with a reason of more than ${MESSAGE_LIMIT} characters`);
        if (decision !== null) mayNot('accept: somebody just decided');
        if (state.stage !== 'waiting (human)') mayNot('accept: it does not wait for a person');
        if (state.pushed === null) mayNot('accept: nothing was published that could be accepted');
      },
    },
  );

  return {
    /** Waits until somebody decides, at most that long. */
    async decides(withinMs = PATIENCE_MS): Promise<Decision> {
      await condition(() => decision !== null, withinMs);
      const decided = decision ?? ({ kind: 'silence' } as const);
      decision = null;
      return decided;
    },
  };
}

/** Also for what is no text at all: it comes from outside. */
function isTooLong(words: string | null): boolean {
  return words !== null && (typeof words !== 'string' || words.length > MESSAGE_LIMIT);
}

export type Person = ReturnType<typeof createPerson>;

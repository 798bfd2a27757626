import { condition, setHandler } from '@temporalio/workflow';
import { refuse } from '../failures.ts';
import { acceptUpdate, resumeUpdate } from '../messages.ts';
import type { IssueCore } from './core.ts';

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

/** Listens to the person who decides about an issue; refuses, with a sentence, what makes no sense now. */
export function createPerson(core: IssueCore) {
  let decision: Decision | null = null;

  const mayNot = (what: string): never => {
    const { stage, reason } = core.state;
    return refuse(`cannot ${what}: the issue is ${stage}${reason ? ` (${reason})` : ''}`);
  };

  setHandler(
    resumeUpdate,
    ({ message }) => {
      decision = { kind: 'resume', message };
      return core.state.stage;
    },
    {
      validator({ message }) {
        const { stage } = core.state;
        if (isTooLong(message)) mayNot(`resume with a message of more than ${MESSAGE_LIMIT} characters`);
        if (decision !== null) mayNot('resume: somebody just did');
        if (stage !== 'waiting (human)' && stage !== 'waiting (quota)') {
          mayNot('resume: it does not wait for anybody');
        }
      },
    },
  );
  setHandler(
    acceptUpdate,
    ({ reason }) => {
      decision = { kind: 'accept', reason };
      return core.state.stage;
    },
    {
      validator({ reason }) {
        const { stage, pushed } = core.state;
        if (isTooLong(reason)) mayNot(`accept with a reason of more than ${MESSAGE_LIMIT} characters`);
        if (decision !== null) mayNot('accept: somebody just decided');
        if (stage !== 'waiting (human)') mayNot('accept: it does not wait for a person');
        if (pushed === null) mayNot('accept: nothing was published that could be accepted');
      },
    },
  );

  return {
    /** Waits until somebody decides, for `withinMs` at most. */
    async decides(withinMs = PATIENCE_MS): Promise<Decision> {
      await condition(() => decision !== null, withinMs);
      const decided = decision ?? ({ kind: 'silence' } as const);
      decision = null;
      return decided;
    },
  };
}

/** True also for a value that is no text: it comes from outside. */
function isTooLong(words: string | null): boolean {
  return words !== null && (typeof words !== 'string' || words.length > MESSAGE_LIMIT);
}

/** An issue's side of the person who decides. */
export type Person = ReturnType<typeof createPerson>;

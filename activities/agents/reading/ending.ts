import { endWords } from '../../process/end-words.ts';
import type { AgentExit, Conclusion } from '../agent.ts';

/** Characters of an agent's words that a reason keeps. */
const LONGEST_WORDS = 1000;

/** A worker keeps the PATH of the shell that started it, perhaps an older one than the person sits at. */
const PATH_ADVICE =
  ' of the worker, which is that of the shell that started it: end it there by Ctrl-C and type `millrace up` in a shell that has the program';

/** How a run ended that never said its last word: from its exit alone. `words`: what it said last. */
export function endedWithout(exit: AgentExit, words: string): Conclusion {
  const { end } = exit;
  switch (end.kind) {
    case 'exited':
    case 'signalled':
      return interrupted(endWords(end), exit, words);
    case 'timed-out':
      return { kind: 'stopped', limit: end.limit === 'wall' ? 'wall clock' : 'silence' };
    case 'output-limit':
      return { kind: 'stopped', limit: 'output' };
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'not-started': {
      // Only what no second try can mend is a person's business; a host that is out of processes or memory is not.
      const isPassing = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'].includes(end.code);
      const reason = `the agent ${endWords(end)}${end.notOnPath ? PATH_ADVICE : ''}`;
      return isPassing ? { kind: 'crashed', cause: 'program', reason } : { kind: 'unavailable', reason };
    }
  }
}

/** Why a run crashed, for a person: how, and the last words of the agent. */
export function crashReason(how: string, exit: AgentExit, words: string): string {
  const last = exit.stderr.trim().split('\n').slice(-5).join('\n') || words.trim() || 'it said nothing';
  return `the agent ${how} without a result: ${last.slice(-LONGEST_WORDS)}`;
}

function interrupted(how: string, exit: AgentExit, words: string): Conclusion {
  return { kind: 'crashed', cause: 'interrupted', reason: crashReason(how, exit, words) };
}

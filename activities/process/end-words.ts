import type { ProcessEnd } from './process.ts';

/** Says how a program ended, as the rest of a sentence after its name. */
export function endWords(end: ProcessEnd): string {
  switch (end.kind) {
    case 'exited':
      return `exited with ${end.code}`;
    case 'signalled':
      return `was ended by ${end.signal}`;
    case 'timed-out':
      return end.limit === 'wall' ? 'was ended after its limit' : 'was ended after its silence';
    case 'cancelled':
      return 'was cancelled';
    case 'output-limit':
      return 'printed more than 64 MB or a million lines, and was ended';
    case 'not-started':
      return `did not start: ${end.problem}`;
  }
}

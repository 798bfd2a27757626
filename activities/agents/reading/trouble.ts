import type { AgentExit, Conclusion } from '../agent.ts';
import { endedWithout } from './ending.ts';
import { resetTimeOf } from './reset-time.ts';

/** What a provider or a tool says went wrong. */
export interface AgentTrouble {
  readonly words: string;
  /** HTTP status, where the tool tells it in a field; null: it may stand in the words. */
  readonly status: number | null;
  /** When it was said, epoch ms: clock times and waits count from here. */
  readonly at: number;
  /** When the limit resets, where the tool tells it in a field; epoch ms. */
  readonly resetsAt?: number | null;
}

/** Characters of the provider's words that are kept. */
const LONGEST_WORDS = 1000;

const contextFull =
  /context[ _-]?(length|window|size)|maximum context|prompt (is )?too (long|large)|input (is )?too long|too many input tokens|ran out of room|token count[^.]*exceeds|exceeds? the (model'?s? )?(maximum|max|context)/i;
const usedUp =
  /usage[ _-]?limit|(?<!rate )limit reached|hit your[\w ]* limit|(session|weekly|daily|monthly|5-hour|hourly) (usage )?limit|(exhausted|exceeded) your[\w ]* quota|daily quota|out of (extra )?usage|spending (limit|cap)|usage cap/i;
const tooMany =
  /rate[ _-]?limit|too many requests|resource[ _](has been )?exhausted|check quota|quota exceeded for|tokens per min|requests per min|\b429\b/i;
const notAllowed =
  /invalid (x-)?(api[ _-]?key|token|authentication)|incorrect api key|api key (not|is) |no api key|authentication|unauthori[sz]ed|not logged in|log ?in\b|\/login|sign in|auth method|oauth|credit balance|billing|payment required|insufficient (credits|funds|balance)|permission[ _]error|account (is )?(disabled|suspended)/i;

/** What trouble means for an attempt: by its status first, by its words second; what nobody knows is the provider's. */
export function concludeTrouble({ words, status, at, resetsAt }: AgentTrouble): Conclusion {
  const reason = words.trim().slice(0, LONGEST_WORDS) || `HTTP status ${status ?? 'unknown'}`;
  const code = status ?? statusIn(words);
  const limited = (): Conclusion => ({
    kind: 'limited',
    of: usedUp.test(words) ? 'usage' : 'rate',
    resetsAt: resetsAt ?? resetTimeOf(words, at),
    reason,
  });
  if (code === 429) return limited();
  if (code === 401 || code === 402 || code === 403) return { kind: 'unavailable', reason };
  if (contextFull.test(words)) return { kind: 'exhausted', what: 'context' };
  if (code !== null && code >= 500) return { kind: 'crashed', cause: 'provider', reason };
  if (usedUp.test(words) || tooMany.test(words)) return limited();
  if (notAllowed.test(words)) return { kind: 'unavailable', reason };
  return { kind: 'crashed', cause: 'provider', reason };
}

/**
 * What a run came to that never said its last word: where it failed by itself, what it wrote to standard error may be
 * trouble that has a name. `said`: its last words; `status`: an HTTP status that its exit code tells.
 */
export function troubleAtExit(exit: AgentExit, said: string, status: number | null = null): Conclusion {
  if (exit.end.kind !== 'exited' || exit.end.code === 0) return endedWithout(exit, said);
  const trouble = concludeTrouble({ words: exit.stderr, status, at: exit.at });
  return trouble.kind === 'crashed' ? endedWithout(exit, said) : trouble;
}

function statusIn(words: string): number | null {
  const found = /^\W*([45]\d\d)\b|\bstatus(?: code)?[: ]+([45]\d\d)\b/i.exec(words);
  return found ? Number(found[1] ?? found[2]) : null;
}

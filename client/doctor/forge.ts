import type { Diagnosis } from '../../workflows/domain/diagnosis.ts';
import { hasServer } from '../../workflows/domain/forge-facts.ts';
import { forgeFindings } from '../../workflows/domain/forge/inspection.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import { UsageError, type Problem } from '../input/errors.ts';
import { askForge, ForgeUnreachable, type AskDeps } from '../forge/ask-forge.ts';
import { cleanLine } from '../../workflows/domain/words.ts';

/** Longest wait for the whole inspection: a dozen requests of at most 30 s, of which most are answered at once. */
const ANSWER_MS = 90_000;

/** Lines about the forge; none if it has no server. Never throws: what cannot be asked is a line. */
export async function examineForge(settings: Settings | null, deps: AskDeps): Promise<readonly Diagnosis[]> {
  if (settings === null || !hasServer(settings.forge)) return [];
  const late = AbortSignal.timeout(ANSWER_MS);
  try {
    const signal = AbortSignal.any([deps.signal, late]);
    const { inspection, credential } = await askForge({ kind: 'inspect', settings }, { env: deps.env, signal });
    return forgeFindings(settings, { inspection, credential, now: Date.now() }).map(clean);
  } catch (error) {
    if (late.aborted) return [broken(`it did not answer within ${ANSWER_MS / 1000} s`, unreachable(settings))];
    const problems = error instanceof UsageError || error instanceof ForgeUnreachable ? error.problems : [];
    if (problems.length > 0) return problems.map((problem) => broken(wordsOf(problem), problem.mend));
    return [broken(error instanceof Error ? error.message : String(error), null)];
  }
}

/** Puts the place in front unless the words contain it already. */
function wordsOf({ where, what }: Problem): string {
  return where === 'forge' || what.startsWith(where) ? what : `${where}: ${what}`;
}

function broken(words: string, mend: string | null): Diagnosis {
  return clean({ name: 'forge', state: 'broken', words, mend });
}

function unreachable({ place }: Settings): string {
  return `look whether ${place?.url ?? 'it'} can be reached from here`;
}

/** Names of servers, accounts and scopes are foreign text on its way to a terminal. */
function clean(finding: Diagnosis): Diagnosis {
  const { words, mend } = finding;
  return { ...finding, words: cleanLine(words, 2000), mend: mend && cleanLine(mend, 1000) };
}

import { execa } from 'execa';
import type {
  Admitted,
  ForgeAnswer,
  ForgeQuestion,
  Inspected,
  Selected,
} from '../../workflows/domain/forge/forge-question.ts';
import { ExitError, exitCodes, UsageError, type Problem } from '../input/errors.ts';
import type { Environment } from '../state/folders.ts';
import { cleanLine } from '../../workflows/domain/words.ts';
import { programOfWorker } from '../session/worker-process.ts';

/** Longest wait: reading thousands of issues within a forge's limits takes minutes, and a lost connection takes for ever. */
const ANSWER_MS = 20 * 60_000;

/** Longest answer in bytes: a plan with the longest texts. */
const ANSWER_BYTES = 256 * 1024 * 1024;

/** The forge did not answer for a reason that may pass; nothing was started. */
export class ForgeUnreachable extends ExitError {
  override readonly name = 'ForgeUnreachable';
  readonly exitCode = exitCodes.unsuccessful;
  /** What is wrong, one by one; none where nobody told. */
  readonly problems: readonly Problem[];

  constructor(message: string, problems: readonly Problem[] = []) {
    super(message);
    this.problems = problems;
  }
}

/** What asking a forge needs from the command that asks. */
export interface AskDeps {
  readonly env: Environment;
  /** Ends the question and the process that asks it. */
  readonly signal: AbortSignal;
}

type AnswerTo<Q extends ForgeQuestion> = Q extends { kind: 'select' }
  ? Selected
  : Q extends { kind: 'admit' }
    ? Admitted
    : Inspected;

/**
 * Asks the forge through a process that lives for this question alone.
 * @throws UsageError for what can't be as it was asked, ForgeUnreachable, the signal's reason.
 */
export async function askForge<Q extends ForgeQuestion>(question: Q, deps: AskDeps): Promise<AnswerTo<Q>> {
  const answer = await ask(question, deps);
  if (answer.kind !== 'refused') return answer as AnswerTo<Q>;
  if (answer.because === 'input') throw new UsageError(answer.problems);
  const sentences = answer.problems.map(
    ({ where, what, mend }) => `${cleanLine(where, 300)}: ${cleanLine(what, 1000)}\n  try: ${cleanLine(mend, 300)}`,
  );
  throw new ForgeUnreachable(sentences.join('\n'), answer.problems);
}

async function ask(question: ForgeQuestion, { env, signal }: AskDeps): Promise<ForgeAnswer> {
  signal.throwIfAborted();
  const result = await execa(process.execPath, programOfWorker('ask-forge'), {
    env: { ...env },
    extendEnv: false,
    input: JSON.stringify(question),
    stdout: 'pipe',
    stderr: 'inherit', // it says there what it waits for
    cancelSignal: signal,
    forceKillAfterDelay: 2_000,
    timeout: ANSWER_MS,
    maxBuffer: ANSWER_BYTES,
    reject: false,
  });
  signal.throwIfAborted();
  if (result.timedOut)
    throw new ForgeUnreachable(`the forge was asked for ${ANSWER_MS / 60_000} minutes without an end`);
  if (result.exitCode !== 0)
    throw new Error(`the process that asks the forge ended with ${result.exitCode ?? result.signal}`);
  return JSON.parse(result.stdout) as ForgeAnswer;
}

import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { noUsage, type AttemptInput, type AttemptResult, type Usage } from '../../workflows/domain/attempt.ts';
import type { Conclusion } from '../agents/agent.ts';
import type { ProcessId } from '../process/table.ts';

/** One start of the program; a killed worker leaves the last one without an end. */
export interface JournalRun {
  /** Epoch ms. */
  readonly startedAt: number;
  readonly process: ProcessId;
  /** Real path of the worktree. */
  readonly folder: string;
  /** In words, for people; null: still running, or its worker was killed. */
  readonly end: string | null;
}

/** How far an attempt came, on disk: what is written here is never done again. */
export interface Journal {
  readonly version: 1;
  /** Hash of the input: another attempt under the same number is not this one. */
  readonly identity: string;
  readonly session: string;
  /** A program may have run that no run tells of: written before the start, since a kill can fall right after it. */
  readonly begun: boolean;
  readonly runs: readonly JournalRun[];
  /** Used by all runs; a killed run counts as far as its last heartbeat told. */
  readonly usage: Usage;
  readonly durationMs: number;
  /** Why a session could not go on and another one began; left out: none was lost. */
  readonly sessionLost?: string;
  /** Crashes and stalls; the third one is final. */
  readonly crashes: number;
  /** The agent has come to an end: it is not started again. */
  readonly conclusion: Conclusion | null;
  readonly committed: { readonly head: string; readonly changed: boolean; readonly ref: string } | null;
  readonly result: AttemptResult | null;
}

/** The journal of one attempt, held by the one activity that runs it. */
export interface AttemptJournal {
  readonly files: AttemptFiles;
  state(): Journal;
  /** Written through before it returns: rename and fsync. */
  update(change: Partial<Journal>): Promise<void>;
}

/** What lies in an attempt's folder. */
export interface AttemptFiles {
  readonly prompt: string;
  readonly context: string;
  readonly result: string;
  /** JSON schema of the answer, where a tool takes one. */
  readonly schema: string;
  /** What the role may do, where a tool reads that from a file. */
  readonly policy: string;
  readonly transcript: string;
  readonly journal: string;
}

/** Names in an attempt's folder; pure. */
export function attemptFiles(folder: string): AttemptFiles {
  return {
    prompt: join(folder, 'prompt.md'),
    context: join(folder, 'context.json'),
    result: join(folder, 'result.json'),
    schema: join(folder, 'schema.json'),
    policy: join(folder, 'policy.toml'),
    transcript: join(folder, 'transcript.jsonl'),
    journal: join(folder, 'journal.json'),
  };
}

/** Opens the journal of an attempt, or begins it; the folder of another attempt with the same number is set aside. */
export async function openJournal(folder: string, input: AttemptInput): Promise<AttemptJournal> {
  const files = attemptFiles(folder);
  const identity = identityOf(input);
  const earlier = await readJournal(files.journal);
  if (earlier && earlier.identity !== identity) {
    await rename(folder, `${folder}.${randomBytes(4).toString('hex')}.old`);
  }
  let state: Journal = earlier?.identity === identity ? earlier : begin(identity, input);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return {
    files,
    state: () => state,
    async update(change) {
      state = { ...state, ...change };
      await writeFileAtomic(files.journal, JSON.stringify(state), { mode: 0o600 });
    },
  };
}

/** A journal as it lies on disk; null: none, or one that was never written to its end. */
export async function readJournal(path: string): Promise<Journal | null> {
  try {
    const journal = JSON.parse(await readFile(path, 'utf8')) as Journal;
    return journal.version === 1 ? journal : null;
  } catch {
    return null;
  }
}

/** The runs whose end nobody saw. */
export function unseenRuns(journal: Journal): readonly JournalRun[] {
  return journal.runs.filter((run) => run.end === null);
}

function begin(identity: string, input: AttemptInput): Journal {
  return {
    version: 1,
    identity,
    session: input.session.id,
    begun: false,
    runs: [],
    usage: noUsage,
    durationMs: 0,
    crashes: 0,
    conclusion: null,
    committed: null,
    result: null,
  };
}

function identityOf(input: AttemptInput): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex');
}

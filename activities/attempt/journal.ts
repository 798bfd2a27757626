import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { noUsage, type AttemptInput, type AttemptResult, type Usage } from '../../workflows/domain/attempt.ts';
import type { Conclusion } from '../agents/agent.ts';
import type { ProcessId } from '../process/table.ts';
import { ifMissing } from '../host/missing.ts';

/** One start of the program. After a worker was killed, its last run has no end. */
export interface JournalRun {
  /** Epoch ms. */
  readonly startedAt: number;
  readonly process: ProcessId;
  /** Real path of the worktree. */
  readonly folder: string;
  /** In words, for people; null: still running, or its worker was killed. */
  readonly end: string | null;
}

/** How far an attempt has come, on disk: a step that is written here is never done again. */
export interface Journal {
  readonly version: 1;
  /** Hash of the input: it tells this attempt from another one with the same number. */
  readonly identity: string;
  readonly session: string;
  /** A program may have run that `runs` does not list: this is written before the start, and a kill may come right after it. */
  readonly begun: boolean;
  readonly runs: readonly JournalRun[];
  /** Used by all runs; a killed run counts with what its last heartbeat reported. */
  readonly usage: Usage;
  readonly durationMs: number;
  /** Why a session was lost and another one began; left out: none was lost. */
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

/** Paths of the files in an attempt's folder. */
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

/** The files of an attempt's folder; pure. */
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

/** Opens the journal of an attempt, or begins it. The folder of another attempt with the same number is moved aside. */
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

/** Reads a journal from disk; null: there is none, or it was not written to its end. @throws where it cannot be read: its attempt must not begin anew. */
export async function readJournal(path: string): Promise<Journal | null> {
  const text = await readFile(path, 'utf8').catch(ifMissing(null));
  if (text === null) return null;
  try {
    const journal = JSON.parse(text) as Journal;
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

import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { ChecksDocument } from '../../workflows/domain/attempt.ts';
import { commandsFor } from '../../workflows/domain/batch/page.ts';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { isSuccess } from '../../workflows/domain/outcome.ts';
import type { ReviewDocument } from '../../workflows/domain/review.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import type { Stage } from '../../workflows/domain/stage.ts';
import type { Session } from '../session/session.ts';
import { documentIfHere } from '../state/document.ts';
import type { IssueView } from '../issue/view.ts';
import { keptWork, type KeptWork } from '../issue/kept-work.ts';
import { createRecordReader, type RunName } from '../issue/read-record.ts';
import type { RunRecord, RecordedAttempt, RecordedStep } from '../issue/record.ts';
import type { BatchView } from './view.ts';
import { pageOf } from './web-ui.ts';

/** Everything that we know about one issue. */
export interface IssueDetail {
  readonly version: 1;
  readonly batch: string;
  /** The clone that the batch was started from; null: another machine knows it. */
  readonly clone: string | null;
  /** Review rounds that each start and each resume grants. */
  readonly rounds: number;
  readonly issue: IssueView;
  readonly steps: readonly RecordedStep[];
  readonly attempts: readonly RecordedAttempt[];
  /** Null: its text is on another machine. */
  readonly reviews: readonly (ReviewDocument | null)[];
  /** The last run of the checks; null: there was none, or its text is on another machine. */
  readonly checks: ChecksDocument | null;
  /** Null: nothing is kept on this machine. */
  readonly work: KeptWork | null;
  /** Its page in the Web UI; null: it never started, or no Web UI goes on after this command. */
  readonly page: string | null;
  /** Commands that make sense now. */
  readonly next: readonly string[];
}

const nothing: RunRecord = { steps: [], attempts: [], reviews: [], checks: [] };

/** Reads everything that the server and the state folder know about one issue of a batch. */
export async function readDetail(session: Session, view: BatchView, issue: IssueView): Promise<IssueDetail> {
  const { stateRoot } = session;
  const { repo } = view;
  const { workflowId, runId } = issue;
  const record =
    workflowId === null || runId === null
      ? nothing
      : ((await createRecordReader(session.client).read({ workflowId, runId })) ?? nothing);
  const documents = <T>(sha256: string) => documentIfHere<T>(stateRoot, { repo, sha256 });
  const settings = await documents<Settings>(view.settings);
  const checks = record.checks.at(-1);
  const ref = issue.ref ?? record.attempts.findLast(({ result }) => result && result.head !== '')?.result?.ref ?? null;
  return {
    version: 1,
    batch: view.batch,
    clone: settings?.repository.path ?? null,
    rounds: view.rounds,
    issue,
    steps: record.steps,
    attempts: record.attempts,
    reviews: await Promise.all(record.reviews.map(({ document }) => documents<ReviewDocument>(document.sha256))),
    checks: checks ? await documents<ChecksDocument>(checks.document.sha256) : null,
    work: ref === null || issue.hasWork === false ? null : await keptWork(stateRoot, repo, ref),
    page: workflowId === null || runId === null ? null : livingPage(session, { workflowId, runId }),
    next: nextOf(issue, view.batch),
  };
}

/** A server that nobody keeps ends with this command, and its address with it. */
function livingPage(session: Session, run: RunName): string | null {
  return session.workerRan ? pageOf(session, run) : null;
}

function nextOf(issue: IssueView, batch: string): readonly string[] {
  const { id, outcome, reason, published } = issue;
  const stage = (outcome !== null && issue.stage !== 'waiting (human)' ? 'done' : issue.stage) as Stage;
  // Nobody runs a success again, and nobody can run again what never started.
  const isFinal = outcome !== null && (isSuccess(outcome) || issue.runId === null);
  return commandsFor({ stage, reason }, { id, batch }).filter((command) => {
    if (isFinal) return !command.startsWith('millrace retry');
    return published !== false || !command.endsWith('--accept');
  });
}

/** What an agent printed in one attempt, one JSON record on each line; null: this machine does not have it. */
export async function readTranscript(
  stateRoot: string,
  { repo, key, attempt }: { readonly repo: string; readonly key: string; readonly attempt: number },
): Promise<string | null> {
  const folder = stateLayout(stateRoot).repository(repo).attempt(key, attempt);
  try {
    return await readFile(join(folder, 'transcript.jsonl'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

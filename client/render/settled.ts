import { listChange, type Steered } from '../batch/list-change.ts';
import { createBatchReader, succeeded, type BatchView } from '../batch/view.ts';
import { exitCodes, printJson, type Cli, type ExitCode } from '../cli.ts';
import type { Session } from '../session/session.ts';
import { finalTable, nextCommands, summary } from './batch.ts';
import { follow } from './follow.ts';
import { writeReport } from './report-file.ts';
import { createTeller, type Teller } from './teller.ts';

/** Follows a batch until nothing more happens by itself, and prints what came of it. */
export async function untilSettled(
  cli: Cli,
  session: Session,
  what: { readonly batch: string; readonly json: boolean; readonly teller?: Teller | undefined },
): Promise<ExitCode> {
  const reader = createBatchReader(session);
  const { batch, teller, json } = what;
  const view = await follow({ reader, batch, out: cli.out, signal: cli.signal, quiet: json, teller });
  if (view === null) {
    cli.progress(`stopped; nothing is lost. Go on with: millrace start-batch --resume ${batch}`);
    return exitCodes.stopped;
  }
  printSettled(cli, view, { json, report: await writeReport(session.stateRoot, view) });
  return succeeded(view) ? exitCodes.success : exitCodes.unsuccessful;
}

/** How a batch stood before a person set something going; null: a worker ran before, and nobody follows. */
interface EarlierStanding {
  /** Has told all that happened up to then. */
  readonly teller: Teller;
  /** Waits until lists show that it goes on, see `listChange`. */
  readonly shown: () => Promise<void>;
}

/** Looks at a batch before a message is sent, for whoever follows it from there on. */
export async function lookBefore(session: Session, steered: Steered): Promise<EarlierStanding | null> {
  if (session.workerRan) return null;
  const reader = createBatchReader(session);
  const teller = createTeller(reader);
  await teller.skip(await reader.read(steered.batch));
  return { teller, shown: await listChange(session.client, steered) };
}

/** What a person has set going again. */
export interface GoingOn {
  /** Id of the issue, or of the batch. */
  readonly id: string;
  readonly batch: string;
  /** Its page in the Web UI; null where we know no UI. */
  readonly page: string | null;
  readonly before: EarlierStanding | null;
}

/** Says that it goes on. Where a worker ran before, that one does the work; else this command stays until it is done. */
export async function untilDone(cli: Cli, session: Session, { id, batch, page, before }: GoingOn): Promise<ExitCode> {
  cli.progress(`${id} goes on in batch ${batch}${page === null ? '' : `: ${page}`}`);
  if (!before) return exitCodes.success;
  await before.shown();
  return untilSettled(cli, session, { batch, json: false, teller: before.teller });
}

function printSettled(cli: Cli, view: BatchView, how: { readonly json: boolean; readonly report: string }): void {
  if (how.json) {
    printJson(cli, view);
    return;
  }
  const next = nextCommands(view);
  const lines = ['', finalTable(view, cli.out.columns || 160), '', summary(view), `Report: ${how.report}`];
  cli.out.write([...lines, ...(next.length > 0 ? ['Type next:', ...next] : []), ''].join('\n'));
}

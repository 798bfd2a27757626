import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { acceptUpdate, releaseUpdate, resumeUpdate, unpauseUpdate } from '../../workflows/messages.ts';
import { batchHandle, issueHandle } from '../../workflows/starts.ts';
import { ask } from '../batch/update.ts';
import { listBatches } from '../batch/list.ts';
import { exitCodes, type Cli, type ExitCode } from '../cli.ts';
import { UsageError } from '../input/errors.ts';
import { findIssue, type FoundIssue } from '../batch/find-issue.ts';
import { findUnstarted } from '../batch/find-unstarted.ts';
import { createBatchReader } from '../batch/view.ts';
import { createTeller, type Teller } from '../render/teller.ts';
import { workingSession, type Session } from '../session/session.ts';
import { untilSettled } from './start-batch.ts';

interface Flags {
  readonly message?: string;
  readonly accept?: boolean;
  readonly again?: boolean;
  readonly batch?: string;
}

/** `millrace resume`: a person lets an issue, or a paused batch, go on. */
export function resumeCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('resume')
    .description('Let an issue that waits (for a person, for quota, behind a dependency) go on; or a paused batch.')
    .argument('<issue>', 'the issue, or a batch that is paused')
    .option('-m, --message <text>', 'words for the agent')
    .option('--accept', 'take the published work as it is: it counts as approved')
    .option('--again', 'start an issue that is held, although what it depends on has not succeeded')
    .option('--batch <id>', 'the batch of the issue, where several have one so named')
    .addHelpText(
      'after',
      `
Examples:
  millrace resume task-3 --message "use the existing parser, do not write another"
  millrace resume task-3 --accept
  millrace resume 261121-093000-1a2b`,
    )
    .action(async (id: string, flags: Flags) => exit(await resume(cli, id, flags)));
}

async function resume(cli: Cli, id: string, flags: Flags): Promise<ExitCode> {
  const session = await workingSession(cli);
  try {
    const issue = await findIssue(session.client, { id, batch: flags.batch });
    if (!issue || !issue.open) return await resumeUnstarted(cli, session, { id, issue, flags });
    const teller = await tellerFromNow(session, issue.batch);
    const handle = issueHandle(session.client, { workflowId: issue.workflowId });
    if (flags.accept) {
      await ask(session.client, () =>
        handle.executeUpdate(acceptUpdate, { args: [{ reason: flags.message ?? null }] }),
      );
    } else {
      await ask(session.client, () =>
        handle.executeUpdate(resumeUpdate, { args: [{ message: flags.message ?? null }] }),
      );
    }
    return await goesOn(cli, session, { id, batch: issue.batch, teller });
  } finally {
    await session.end();
  }
}

/** Not an open issue: a held one that was never started, or a paused batch. */
async function resumeUnstarted(
  cli: Cli,
  session: Session,
  wanted: { readonly id: string; readonly issue: FoundIssue | null; readonly flags: Flags },
): Promise<ExitCode> {
  const { id, issue, flags } = wanted;
  const batches = await listBatches(session.client);
  const paused = batches.find((each) => each.batch === id);
  if (paused) {
    const teller = await tellerFromNow(session, paused.batch);
    const handle = batchHandle(session.client, paused.batch);
    await ask(session.client, () => handle.executeUpdate(unpauseUpdate));
    return goesOn(cli, session, { id, batch: paused.batch, teller });
  }
  // An issue that is over may be held in a newer batch.
  const held = await findUnstarted(session, batches, { id, batch: flags.batch });
  if (held) {
    const { batch, key, why } = held;
    if (!why.startsWith('waits for'))
      throw new UsageError({ where: id, what: `no other issue holds it: ${why}`, mend: 'look at `millrace status`' });
    const teller = await tellerFromNow(session, batch);
    const handle = batchHandle(session.client, batch);
    const again = flags.again ?? false;
    await ask(session.client, () => handle.executeUpdate(releaseUpdate, { args: [{ id: key, again }] }));
    return goesOn(cli, session, { id, batch, teller });
  }
  if (issue) {
    throw new UsageError({
      where: id,
      what: `it is over already: ${issue.outcome ?? 'ended'}`,
      mend: `run it again: millrace retry ${id}`,
    });
  }
  throw new UsageError({ where: id, what: 'there is no such issue or batch', mend: 'look at `millrace status`' });
}

/** Where a worker ran before, it does the work; else this command stays until the work is done. */
export async function goesOn(
  cli: Cli,
  session: Session,
  what: { readonly id: string; readonly batch: string; readonly teller: Teller | undefined },
): Promise<ExitCode> {
  cli.progress(`${what.id} goes on in batch ${what.batch}`);
  if (session.workerRan) return exitCodes.success;
  await sleep(500); // a list shows a new stage some 20 ms after its event
  return untilSettled(cli, session, { batch: what.batch, json: false, teller: what.teller });
}

/** Knows what a batch has told already, for who follows it from here on; undefined: a worker ran before, and nobody will. */
export async function tellerFromNow(session: Session, batch: string): Promise<Teller | undefined> {
  if (session.workerRan) return undefined;
  const reader = createBatchReader(session.client, session.stateRoot);
  const teller = createTeller(reader);
  await teller.skip(await reader.read(batch));
  return teller;
}

import { Command } from 'commander';
import { acceptUpdate, releaseUpdate, resumeUpdate, unpauseUpdate } from '../../workflows/messages.ts';
import { batchHandle, issueHandle } from '../../workflows/starts.ts';
import { ask, UpdateRefused } from '../batch/update.ts';
import { listBatches } from '../batch/list.ts';
import { batchesThatPlan } from '../batch/planned.ts';
import { pageOf } from '../batch/web-ui.ts';
import type { Cli, ExitCode } from '../cli.ts';
import { UsageError } from '../input/errors.ts';
import { findIssue, type FoundIssue } from '../issue/find.ts';
import { findPlanned } from '../batch/find-planned.ts';
import { findUnstarted } from '../batch/find-unstarted.ts';
import { issueKey } from '../plan/key.ts';
import { lookBefore, untilDone } from '../render/settled.ts';
import { requireStarted } from '../session/ever-started.ts';
import { lookingSession, type Session } from '../session/session.ts';

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
    .option('-m, --message <text>', 'words for the agent; with --accept: why')
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
  await requireStarted(cli.env);
  const session = await lookingSession(cli);
  try {
    const issue = await findIssue(session.client, { id, batch: flags.batch });
    if (!issue || !issue.open) return await resumeUnstarted(cli, session, { id, issue, flags });
    if (session.embedded && !session.workerRan) mustWait(issue, flags);
    const before = await lookBefore(session, { batch: issue.batch, issueKey: issue.key });
    await session.startWork();
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
    return await untilDone(cli, session, { id, batch: issue.batch, page: pageOf(session, issue), before });
  } finally {
    await session.end();
  }
}

/** Refuses in the workflow's own words what it would refuse, before a worker is started that would go on with the issue. */
function mustWait({ stage }: FoundIssue, { accept }: Flags): void {
  if (stage === 'waiting (human)' || (stage === 'waiting (quota)' && !accept)) return;
  const what = accept ? 'accept: it does not wait for a person' : 'resume: it does not wait for anybody';
  throw new UpdateRefused(
    `cannot ${what}: the issue is ${stage}, and goes on by itself when a worker runs: millrace up`,
  );
}

interface Wanted {
  readonly id: string;
  /** Its newest run, which is over; null: it was never started. */
  readonly issue: FoundIssue | null;
  readonly flags: Flags;
}

/** Resumes what is not an open issue: a held issue that never started, or a paused batch. */
async function resumeUnstarted(cli: Cli, session: Session, { id, issue, flags }: Wanted): Promise<ExitCode> {
  const batches = await listBatches(session.client);
  const paused = batches.find((each) => each.batch === id);
  if (paused) {
    if (!paused.open)
      throw new UsageError({ where: id, what: 'this batch is over', mend: `look at it: millrace report ${id}` });
    const before = await lookBefore(session, { batch: id, issueKey: null });
    await session.startWork();
    await ask(session.client, () => batchHandle(session.client, id).executeUpdate(unpauseUpdate));
    return untilDone(cli, session, { id, batch: id, page: pageOf(session, paused), before });
  }
  // An issue that is over may be held in another batch.
  for (const entry of await batchesThatPlan(session, batches, { id, batch: flags.batch, issue })) {
    const before = await lookBefore(session, { batch: entry.batch, issueKey: issueKey(id) });
    const held = await findUnstarted(session, [entry], id);
    if (!held) continue;
    const { batch, key, why } = held;
    if (!why.startsWith('waits for'))
      throw new UsageError({ where: id, what: `no other issue holds it: ${why}`, mend: 'look at `millrace status`' });
    if (!flags.again)
      throw new UsageError({
        where: id,
        what: `it ${why}, and would start without that work`,
        mend: `start it all the same: millrace resume ${id} --again`,
      });
    await session.startWork();
    await ask(session.client, () =>
      batchHandle(session.client, batch).executeUpdate(releaseUpdate, { args: [{ id: key, again: true }] }),
    );
    return untilDone(cli, session, { id, batch, page: pageOf(session, entry), before });
  }
  if (issue) {
    throw new UsageError({
      where: id,
      what: `it is over already: ${issue.outcome ?? 'ended'}`,
      mend: `run it again: millrace retry ${id}`,
    });
  }
  if ((await findPlanned(session, { id, batch: flags.batch })) !== null) {
    const what = 'it was never started, and no open batch is about to start it';
    throw new UsageError({ where: id, what, mend: `see why: millrace show ${id}` });
  }
  throw new UsageError({ where: id, what: 'there is no such issue or batch', mend: 'look at `millrace status`' });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { OutcomeKind } from '../../workflows/domain/outcome.ts';
import { shellWord } from '../../workflows/domain/host/shell.ts';
import { batchWorkflowId } from '../../workflows/ids.ts';
import { dropUpdate } from '../../workflows/messages.ts';
import { batchHandle, issueHandle } from '../../workflows/starts.ts';
import { listBatches } from '../batch/list.ts';
import { ask } from '../batch/update.ts';
import { exitCodes, type Cli, type ExitCode } from '../cli.ts';
import { UsageError } from '../input/errors.ts';
import { findIssue } from '../issue/find.ts';
import { findPlanned } from '../batch/find-planned.ts';
import { findUnstarted } from '../batch/find-unstarted.ts';
import { batchesThatPlan } from '../batch/planned.ts';
import { requireStarted } from '../session/ever-started.ts';
import { lookingSession, type Session } from '../session/session.ts';

/** Agents stop within 10 s, then their work is saved and the worktree removed; the rest is for a busy machine. */
const CANCEL_MS = 120_000;

/** `millrace cancel`: ends an issue or a batch, and keeps the work on private refs; an issue that waits never starts. */
export function cancelCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('cancel')
    .description('End an issue or a whole batch: agents stop within 10 s, what they did stays on private refs.')
    .argument('<issue>', 'the issue, or a batch')
    .option('--batch <id>', 'the batch of the issue, where several have one so named')
    .addHelpText('after', '\nExamples:\n  millrace cancel task-3\n  millrace cancel 261121-093000-1a2b')
    .action(async (id: string, flags: { readonly batch?: string }) => exit(await cancel(cli, id, flags)));
}

async function cancel(cli: Cli, id: string, flags: { readonly batch?: string }): Promise<ExitCode> {
  await requireStarted(cli.env);
  const session = await lookingSession(cli);
  try {
    const meant = await whatToCancel(session, id, flags.batch);
    switch (meant.kind) {
      case 'workflow':
        return await cancelWorkflow(cli, session, { id, workflowId: meant.workflowId });
      case 'unstarted': {
        await session.startWork();
        const handle = batchHandle(session.client, meant.batch);
        await ask(session.client, () => handle.executeUpdate(dropUpdate, { args: [{ id: meant.key }] }));
        cli.out.write(`${id} is cancelled: batch ${meant.batch} will not start it\n`);
        return exitCodes.success;
      }
    }
  } finally {
    await session.end();
  }
}

async function cancelWorkflow(
  cli: Cli,
  session: Session,
  { id, workflowId }: { readonly id: string; readonly workflowId: string },
): Promise<ExitCode> {
  await session.startWork();
  await session.client.workflow.getHandle(workflowId).cancel();
  cli.progress(`${id} is being cancelled`);
  if (!(await untilClosed(session, workflowId, cli.signal))) {
    cli.out.write(`${id} is still ending\n`);
    return exitCodes.unsuccessful;
  }
  const kind = await outcomeOf(session, workflowId);
  if (kind !== null && kind !== 'cancelled') {
    cli.out.write(`${id} was ${kind} before it could be cancelled\n`);
    return exitCodes.unsuccessful;
  }
  const look = kind === null ? '' : `: millrace show ${shellWord(id)}`;
  cli.out.write(`${id} is cancelled; whatever was done is kept${look}\n`);
  return exitCodes.success;
}

type Meant =
  | { readonly kind: 'workflow'; readonly workflowId: string }
  | { readonly kind: 'unstarted'; readonly batch: string; readonly key: string };

async function whatToCancel(session: Session, id: string, batch: string | undefined): Promise<Meant> {
  const batches = await listBatches(session.client);
  const found = batches.find((each) => each.batch === id);
  if (found?.open) return { kind: 'workflow', workflowId: batchWorkflowId(id) };
  if (found) throw new UsageError({ where: id, what: 'this batch is over', mend: 'nothing is left to cancel' });
  const issue = await findIssue(session.client, { id, batch });
  if (issue?.open) return { kind: 'workflow', workflowId: issue.workflowId };
  const waiting = await findUnstarted(session, await batchesThatPlan(session, batches, { id, batch, issue }), id);
  if (waiting) return { kind: 'unstarted', batch: waiting.batch, key: waiting.key };
  if (issue || (await findPlanned(session, { id, batch })) !== null) {
    const what = issue ? `it is over already: ${issue.outcome ?? 'ended'}` : 'no open batch is about to start it';
    throw new UsageError({ where: id, what, mend: `see why: millrace show ${id}` });
  }
  throw new UsageError({
    where: id,
    what: 'there is no such issue under way and no such batch',
    mend: 'look at `millrace status`',
  });
}

/** How an issue ended; null: this is a batch, whose issues each have their own outcome. */
async function outcomeOf(session: Session, workflowId: string): Promise<OutcomeKind | null> {
  if (!workflowId.startsWith('issue:')) return null;
  return (await issueHandle(session.client, { workflowId }).result()).kind;
}

async function untilClosed(session: Session, workflowId: string, signal: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + CANCEL_MS;
  while (performance.now() < deadline && !signal.aborted) {
    const { status } = await session.client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return true;
    await sleep(100);
  }
  return false;
}

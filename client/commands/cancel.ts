import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { OutcomeKind } from '../../workflows/domain/outcome.ts';
import { batchWorkflowId } from '../../workflows/ids.ts';
import { issueHandle } from '../../workflows/starts.ts';
import { listBatches } from '../batch/list.ts';
import { exitCodes, type Cli, type ExitCode } from '../cli.ts';
import { UsageError } from '../input/errors.ts';
import { findIssue } from '../batch/find-issue.ts';
import { workingSession, type Session } from '../session/session.ts';

/** Agents are gone within 10 s, their work is saved and the worktree removed; the rest is for a busy machine. */
const CANCEL_MS = 120_000;

/** `millrace cancel`: ends an issue or a batch; its work stays on private refs. */
export function cancelCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('cancel')
    .description('End an issue or a whole batch: agents stop within 10 s, what they did stays on private refs.')
    .argument('<issue>', 'the issue, or a batch')
    .option('--batch <id>', 'the batch of the issue, where several have one so named')
    .addHelpText('after', '\nExamples:\n  millrace cancel task-3\n  millrace cancel 261121-093000-1a2b')
    .action(async (id: string, flags: { readonly batch?: string }) => exit(await cancel(cli, id, flags)));
}

async function cancel(cli: Cli, id: string, flags: { readonly batch?: string }): Promise<ExitCode> {
  const session = await workingSession(cli);
  try {
    const workflowId = await workflowToCancel(session, id, flags.batch);
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
    cli.out.write(`${id} is cancelled; its work is kept on refs/millrace/ of the mirror\n`);
    return exitCodes.success;
  } finally {
    await session.end();
  }
}

async function workflowToCancel(session: Session, id: string, batch: string | undefined): Promise<string> {
  const found = (await listBatches(session.client)).find((each) => each.batch === id);
  if (found?.open) return batchWorkflowId(id);
  if (found) throw new UsageError({ where: id, what: 'this batch is over', mend: 'nothing is left to cancel' });
  const issue = await findIssue(session.client, { id, batch });
  if (issue?.open) return issue.workflowId;
  throw new UsageError({
    where: id,
    what: issue
      ? `it is over already: ${issue.outcome ?? 'ended'}`
      : 'there is no such issue under way and no such batch',
    mend: 'look at `millrace status`',
  });
}

/** How an issue ended; null for a batch, whose issues have an outcome each. */
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

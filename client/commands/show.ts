import { Command } from 'commander';
import { diffOf } from '../issue/kept-work.ts';
import { readDetail, readTranscript, type IssueDetail } from '../batch/detail.ts';
import { findIssue } from '../issue/find.ts';
import { findPlanned } from '../batch/find-planned.ts';
import type { IssueView } from '../issue/view.ts';
import { createBatchReader, type BatchView } from '../batch/view.ts';
import { exitCodes, printJson, type Cli, type ExitCode } from '../cli.ts';
import { UsageError } from '../input/errors.ts';
import { cleanText } from '../../workflows/domain/words.ts';
import { issueKeys } from '../plan/key.ts';
import { detailText } from '../render/detail.ts';
import { transcriptText } from '../render/transcript.ts';
import { requireStarted } from '../session/ever-started.ts';
import { lookingSession, type Session } from '../session/session.ts';

interface Flags {
  readonly log?: boolean;
  readonly findings?: boolean;
  readonly diff?: boolean;
  readonly json?: boolean;
  readonly batch?: string;
}

/** `millrace show`: everything about one issue. Looking starts no work. */
export function showCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('show')
    .description('Show one issue: where it stands, its rounds, findings, failed checks, notes, and where its work is.')
    .argument('<issue>', 'the issue')
    .option('--log', 'what its agents said and did, as text')
    .option('--findings', 'the reviews of all rounds, not only the last one')
    .option('--diff', 'what its work changes, as a patch')
    .option('--json', 'print one JSON document')
    .option('--batch <id>', 'the batch of the issue, where several have one so named')
    .addHelpText(
      'after',
      '\nExamples:\n  millrace show task-3\n  millrace show task-3 --findings\n  millrace show 42 --log | less\n  millrace show task-3 --diff > task-3.patch',
    )
    .action(async (id: string, flags: Flags) => exit(await show(cli, id, flags)));
}

async function show(cli: Cli, id: string, flags: Flags): Promise<ExitCode> {
  await requireStarted(cli.env);
  const session = await lookingSession(cli);
  try {
    const { view, issue } = await viewOf(session, id, flags.batch);
    const detail = await readDetail(session, view, issue);
    const log = flags.log ? await logOf(session, view.repo, detail) : undefined;
    const diff = flags.diff ? await patchOf(detail) : undefined;
    if (flags.json) {
      printJson(cli, { ...detail, ...(log === undefined ? {} : { log }), ...(diff === undefined ? {} : { diff }) });
      return exitCodes.success;
    }
    // A redirected patch must stay exact, but an agent's text must not control a terminal.
    if (diff !== undefined) cli.out.write(cli.out.isTTY ? cleanText(diff) : diff);
    if (log !== undefined) cli.out.write(log);
    if (diff === undefined && log === undefined)
      cli.out.write(detailText(detail, { findings: flags.findings ?? false }));
    return exitCodes.success;
  } finally {
    await session.end();
  }
}

async function viewOf(
  session: Session,
  id: string,
  named: string | undefined,
): Promise<{ readonly view: BatchView; readonly issue: IssueView }> {
  const found = await findIssue(session.client, { id, batch: named });
  const batch = found?.batch ?? (await findPlanned(session, { id, batch: named }));
  if (batch !== null) {
    const view = await createBatchReader(session).read(batch, { lastLines: true });
    const keys = issueKeys(id);
    const issue = view.issues.find(({ key }) => keys.includes(key));
    if (issue) return { view, issue };
  }
  throw new UsageError({ where: id, what: 'no batch has such an issue', mend: 'look at `millrace status`' });
}

async function logOf(session: Session, repo: string, { issue, attempts }: IssueDetail): Promise<string> {
  const parts: string[] = [];
  for (const { number, role, profile } of attempts) {
    const records = await readTranscript(session.stateRoot, { repo, key: issue.key, attempt: number });
    const text = records === null ? '(its transcript is on another machine)' : transcriptText(records);
    parts.push(`== attempt ${number}: ${role} by ${profile} ==\n${text}\n`);
  }
  return parts.length === 0 ? 'no agent has worked on it yet\n' : parts.join('\n');
}

async function patchOf({ issue, attempts, work }: IssueDetail): Promise<string> {
  const base = attempts[0]?.base.start;
  if (work !== null && base !== undefined) return diffOf(work, base);
  throw new UsageError({
    where: issue.id,
    what: 'this machine keeps no work of it',
    mend: `see where it stands: millrace show ${issue.id}`,
  });
}

import { Command } from 'commander';
import { policyOf, type Settings } from '../../workflows/domain/settings.ts';
import type { IssueInput } from '../../workflows/domain/run.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { startIssue } from '../../workflows/starts.ts';
import { requireAdmission } from '../forge/admission.ts';
import type { Cli, ExitCode } from '../cli.ts';
import { loadConfig } from '../config/load.ts';
import { readDocument } from '../state/document.ts';
import { UsageError } from '../input/errors.ts';
import { findIssue, type FoundIssue } from '../issue/find.ts';
import { findPlanned } from '../batch/find-planned.ts';
import { readStartInput } from '../batch/history.ts';
import { pageOf } from '../batch/web-ui.ts';
import { register } from '../state/register.ts';
import { lookBefore, untilDone } from '../render/settled.ts';
import { requireStarted } from '../session/ever-started.ts';
import { lookingSession, type Session } from '../session/session.ts';

interface Flags {
  readonly message?: string;
  readonly batch?: string;
  readonly reload?: boolean;
  readonly again?: boolean;
}

/** `millrace retry`: runs an issue again that is over. */
export function retryCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('retry')
    .description('Run an issue again that is over, in its batch and from its newest base.')
    .argument('<issue>', 'the issue')
    .option('-m, --message <text>', 'words for the agent')
    .option('--again', 'also an issue that is approved or landed: its new outcome takes the place of that one')
    .option('--reload', 'with millrace.yaml as it is on the base now, not as it was when the batch began')
    .option('--batch <id>', 'the batch of the issue, where several have one so named')
    .addHelpText(
      'after',
      '\nExamples:\n  millrace retry task-3 --message "the test data moved to fixtures/"\n  millrace retry task-3 --reload',
    )
    .action(async (id: string, flags: Flags) => exit(await retry(cli, id, flags)));
}

async function retry(cli: Cli, id: string, flags: Flags): Promise<ExitCode> {
  await requireStarted(cli.env);
  const session = await lookingSession(cli);
  try {
    const issue = await findIssue(session.client, { id, batch: flags.batch });
    if (!issue) throw await neverStartedError(session, id, flags.batch);
    if (issue.open) {
      const mend = issue.stage.startsWith('waiting')
        ? `let it go on: millrace resume ${id}`
        : `wait for its end, or end it now: millrace cancel ${id}`;
      throw new UsageError({ where: id, what: `it is under way (${issue.stage})`, mend });
    }
    const cost = costOf(issue);
    if (cost !== null && !flags.again)
      throw new UsageError({ where: id, what: cost, mend: `run it all the same: millrace retry ${id} --again` });
    const last = await readStartInput<IssueInput>(session.client, issue);
    const input = flags.reload ? await withNewSettings(cli, session, last) : last;
    const { batch, repo, settings } = input.issue;
    await requireAdmission(cli, await readDocument<Settings>(session.stateRoot, { repo, sha256: settings }));
    const before = await lookBefore(session, { batch, issueKey: issue.key });
    await session.startWork();
    const { workflowId, firstExecutionRunId: runId } = await startIssue(session.client, {
      ...input,
      rerun: { message: flags.message ?? null },
    });
    return await untilDone(cli, session, { id, batch, page: pageOf(session, { workflowId, runId }), before });
  } finally {
    await session.end();
  }
}

async function neverStartedError(session: Session, id: string, batch: string | undefined): Promise<UsageError> {
  const isPlanned = (await findPlanned(session, { id, batch })) !== null;
  return isPlanned
    ? new UsageError({ where: id, what: 'it was never started', mend: `see why: millrace show ${id}` })
    : new UsageError({ where: id, what: 'no batch has such an issue', mend: 'look at `millrace status`' });
}

/** What a person gives up by running a success again; null: the issue did not succeed. */
function costOf({ outcome }: FoundIssue): string | null {
  const replaced = `whatever comes of it takes the place of "${outcome}" in the report`;
  switch (outcome) {
    case 'landed':
      return `it has landed already: a new run begins anew on the newest base, and ${replaced}`;
    case 'approved':
      return `it is approved already: a new run works on its open pull request once more, and ${replaced}`;
    default:
      return null;
  }
}

/** Takes the configuration of today, which is often what had to be fixed. */
async function withNewSettings(cli: Cli, session: Session, input: IssueInput): Promise<IssueInput> {
  const { repo, settings: digest, plan } = input.issue;
  const old = await readDocument<Settings>(session.stateRoot, { repo, sha256: digest });
  const loaded = await loadConfig({
    repositoryPath: old.repository.path,
    configFile: null,
    env: cli.env,
    overrides: { landing: old.landing },
  });
  if (loaded.missingPrograms.length > 0) throw new UsageError(loaded.missingPrograms);
  const document = await readDocument<PlanDocument>(session.stateRoot, { repo, sha256: plan });
  const { settings } = await register({ stateRoot: session.stateRoot, settings: loaded.settings, plan: document });
  return { ...input, issue: { ...input.issue, settings }, policy: policyOf(loaded.settings) };
}

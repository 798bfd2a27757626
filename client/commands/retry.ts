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
import { findIssue, type FoundIssue } from '../batch/find-issue.ts';
import { register } from '../state/register.ts';
import { workingSession, type Session } from '../session/session.ts';
import { goesOn } from './resume.ts';

interface Flags {
  readonly message?: string;
  readonly batch?: string;
  readonly reload?: boolean;
}

/** `millrace retry`: runs an issue again that is over. */
export function retryCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('retry')
    .description('Run an issue again that is over, in its batch and from its newest base.')
    .argument('<issue>', 'the issue')
    .option('-m, --message <text>', 'words for the agent')
    .option('--reload', 'with millrace.yaml as it is on the base now, not as it was when the batch began')
    .option('--batch <id>', 'the batch of the issue, where several have one so named')
    .addHelpText(
      'after',
      '\nExamples:\n  millrace retry task-3 --message "the test data moved to fixtures/"\n  millrace retry task-3 --reload',
    )
    .action(async (id: string, flags: Flags) => exit(await retry(cli, id, flags)));
}

async function retry(cli: Cli, id: string, flags: Flags): Promise<ExitCode> {
  const session = await workingSession(cli);
  try {
    const issue = await findIssue(session.client, { id, batch: flags.batch });
    if (!issue) throw new UsageError({ where: id, what: 'it was never started', mend: 'look at `millrace status`' });
    if (issue.open) {
      const mend = issue.stage.startsWith('waiting')
        ? `let it go on: millrace resume ${id}`
        : `or end it: millrace cancel ${id}`;
      throw new UsageError({ where: id, what: `it is under way (${issue.stage})`, mend });
    }
    const before = await inputOf(session, issue);
    const input = flags.reload ? await withNewSettings(cli, session, before) : before;
    const { repo, settings } = input.issue;
    await requireAdmission(cli, await readDocument<Settings>(session.stateRoot, { repo, sha256: settings }));
    await startIssue(session.client, { ...input, rerun: { message: flags.message ?? null } });
    return await goesOn(cli, session, { id, batch: issue.batch });
  } finally {
    await session.end();
  }
}

/** What the last run was started with: the first event of its history. */
async function inputOf(session: Session, issue: FoundIssue): Promise<IssueInput> {
  const { history } = await session.connection.workflowService.getWorkflowExecutionHistory({
    namespace: session.namespace,
    execution: { workflowId: issue.workflowId, runId: issue.runId },
    maximumPageSize: 1,
  });
  const payload = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  if (!payload) throw new Error(`the history of ${issue.workflowId} has no input`);
  return session.client.options.loadedDataConverter.payloadConverter.fromPayload(payload);
}

/** Often the configuration was what had to be mended. */
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

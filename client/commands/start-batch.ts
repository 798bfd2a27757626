import { resolve } from 'node:path';
import { Command } from 'commander';
import { requireAdmission } from '../forge/admission.ts';
import { beginBatch } from '../batch/begin.ts';
import { chooseOpenBatch } from '../batch/list.ts';
import { pageOf } from '../batch/web-ui.ts';
import { exitCodes, printJson, repeatable, type Cli, type ExitCode } from '../cli.ts';
import { loadConfig, type LoadedConfig } from '../config/load.ts';
import { locateRepository } from '../config/repository/locate.ts';
import { collectProblems, UsageError, type Problem } from '../input/errors.ts';
import { configFrom, planFrom } from './named-path.ts';
import { resolvePlan, type ResolvedPlan } from '../plan/load.ts';
import { previewPlan } from '../plan/preview.ts';
import { renderPlan } from '../render/plan.ts';
import { untilSettled } from '../render/settled.ts';
import { parseSelection, selectPlan, skipNotices, type SelectionFlags, type IssueSource } from '../forge/selection.ts';
import { requireStarted } from '../session/ever-started.ts';
import { lookingSession, workingSession } from '../session/session.ts';
import { forgeNames } from '../config/forge-schema.ts';
import { placeOverrides, withPlaceOptions, type PlaceFlags } from './place-options.ts';

interface Flags extends SelectionFlags, PlaceFlags {
  readonly issue: readonly string[];
  readonly width?: string;
  readonly landing?: string;
  readonly dryRun?: boolean;
  readonly resume?: string | true;
  readonly json?: boolean;
}

/** `millrace start-batch`: takes a plan or numbers of issues, and delivers reviewed changes. */
export function startBatchCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  const words = { repository: 'the repository to work on', kinds: forgeNames };
  return withPlaceOptions(new Command('start-batch'), words)
    .description('Work on issues of the forge, or on a plan: implement, check, publish, review, fix, land.')
    .argument(
      '[issues...]',
      'numbers or addresses of issues of the forge; or plan.yaml, tasks.json, or a folder that holds one',
    )
    .option(
      '-i, --issue <id=instructions>',
      'an issue without a plan; may be repeated; id=@FILE reads a file',
      repeatable,
      [],
    )
    .option('--label <label>', 'open issues with this label; may be repeated: with all of them', repeatable, [])
    .option('--milestone <title>', 'open issues of this milestone')
    .option('--assignee <login>', 'open issues that are assigned to this account; @me: to ours')
    .option('--search <words>', 'open issues that have all of these words')
    .option('--limit <n>', 'at most so many of them: the most urgent, then the oldest')
    .option('--trust-anyone', 'also issues and words of people without write access; private repositories only')
    .option('--width <n>', 'issues at once')
    .option('--landing <policy>', 'none, auto-merge, merge, direct or consolidated')
    .option('--dry-run', 'show order, waves and what waits for what; start nothing')
    .option('--resume [batch]', 'go on following a batch that was left: the named one, else the newest open one')
    .option('--json', 'print the settled batch (or the dry run) as one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  millrace start-batch 42 43 44
  millrace start-batch --label ready --limit 5 --landing merge
  millrace start-batch plan.yaml -C ../shop --width 4
  millrace start-batch plan.yaml --dry-run
  millrace start-batch -i 'fix-login=Tokens expire too early: see src/auth.js' --landing direct
  millrace start-batch --resume

Exit codes: 0 every issue approved, landed, no-change or skipped; 1 some other outcome;
2 usage or configuration; 3 Temporal unreachable; 130 stopped.`,
    )
    .action(async (args: readonly string[], flags: Flags) => {
      const source = parseSelection(args, flags);
      exit(flags.resume === undefined ? await startBatch(cli, source, flags) : await resumeBatch(cli, source, flags));
    });
}

async function startBatch(cli: Cli, source: IssueSource, flags: Flags): Promise<ExitCode> {
  const repositoryPath = resolve(cli.cwd, flags.repository ?? '.');
  const { loaded, planned } = await readAll(cli, source, { repositoryPath, flags });
  if (flags.dryRun) {
    // The preview already has what is skipped.
    const told = source.kind === 'forge' ? [] : planned.notices;
    const preview = previewPlan({
      settings: loaded.settings,
      plan: planned.plan,
      base: loaded.base,
      notices: [...loaded.notices, ...told],
    });
    if (flags.json) printJson(cli, preview);
    else cli.out.write(`${renderPlan(preview, cli.out.columns || undefined)}\n`);
    return exitCodes.success;
  }
  for (const notice of [...loaded.notices, ...planned.notices]) cli.progress(notice);
  const session = await workingSession(cli);
  try {
    const { id, page } = await beginBatch(session, { settings: loaded.settings, plan: planned.plan });
    cli.progress(`batch ${id}${page ? `: ${page}` : ''}`);
    return await untilSettled(cli, session, { batch: id, json: flags.json ?? false });
  } finally {
    await session.end();
  }
}

interface Asked {
  readonly repositoryPath: string;
  readonly flags: Flags;
}

interface ReadAll {
  readonly loaded: LoadedConfig;
  readonly planned: ResolvedPlan;
}

/** Configuration and issues. @throws UsageError with the faults of all that people wrote, before the forge is asked. */
async function readAll(cli: Cli, source: IssueSource, asked: Asked): Promise<ReadAll> {
  const { repositoryPath } = asked;
  const problems: Problem[] = [];
  const loaded = await collectProblems(problems, () => readConfig(cli, asked));
  problems.push(...(loaded?.missingPrograms ?? []));
  if (source.kind === 'forge') {
    if (loaded === null || problems.length > 0) throw new UsageError(problems);
    const plan = await selectPlan(cli, loaded.settings, source);
    return { loaded, planned: { plan, notices: skipNotices(plan) } };
  }
  const repository =
    loaded?.settings.repository ?? (await collectProblems([], () => locateRepository(repositoryPath, cli.env)));
  const planned =
    repository &&
    (await collectProblems(problems, () => resolveWritten(cli, source, { ...asked, root: repository.path })));
  if (!loaded || !planned || problems.length > 0) throw new UsageError(problems);
  await requireAdmission(cli, loaded.settings);
  return { loaded, planned };
}

function readConfig(cli: Cli, { repositoryPath, flags }: Asked): Promise<LoadedConfig> {
  const { width, landing, config } = flags;
  return loadConfig({
    repositoryPath,
    configFile: config === undefined ? null : configFrom(config, { cwd: cli.cwd, repositoryPath }),
    env: cli.env,
    overrides: { ...placeOverrides(flags), width, landing },
  });
}

function resolveWritten(
  cli: Cli,
  { plan }: Extract<IssueSource, { kind: 'plan' }>,
  { repositoryPath, flags, root }: Asked & { readonly root: string },
): Promise<ResolvedPlan> {
  return resolvePlan({
    plan: plan === null ? null : planFrom(plan, { cwd: cli.cwd, repositoryPath }),
    issues: flags.issue,
    cwd: cli.cwd,
    repositoryPath: root,
  });
}

async function resumeBatch(cli: Cli, source: IssueSource, flags: Flags): Promise<ExitCode> {
  if (source.kind === 'forge' || source.plan !== null || flags.issue.length > 0) {
    throw new UsageError({
      where: '--resume',
      what: 'a batch that is resumed has its plan already',
      mend: 'leave the plan away, or add it: `millrace steer --add PLAN`',
    });
  }
  await requireStarted(cli.env);
  const session = await lookingSession(cli);
  try {
    const { batch, ...run } = await chooseOpenBatch(session.client, flags.resume === true ? undefined : flags.resume);
    const page = pageOf(session, run);
    await session.startWork();
    cli.progress(`batch ${batch} goes on${page ? `: ${page}` : ''}`);
    return await untilSettled(cli, session, { batch, json: flags.json ?? false });
  } finally {
    await session.end();
  }
}

import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Settings } from '../../workflows/domain/settings.ts';
import { requireAdmission } from '../forge/admission.ts';
import { beginBatch } from '../batch/begin.ts';
import { chooseOpenBatch } from '../batch/list.ts';
import { pageOf } from '../batch/web-ui.ts';
import { exitCodes, printJson, repeatable, type Cli, type ExitCode } from '../cli.ts';
import { loadConfig } from '../config/load.ts';
import { UsageError } from '../input/errors.ts';
import { configFrom, planFrom } from './named-path.ts';
import { loadPlan, type LoadedPlan } from '../plan/load.ts';
import { previewPlan } from '../plan/preview.ts';
import { renderPlan } from '../render/plan.ts';
import { untilSettled } from '../render/settled.ts';
import { parseSelection, selectPlan, skipNotices, type SelectionFlags, type Source } from '../forge/selection.ts';
import { requireStarted } from '../session/ever-started.ts';
import { lookingSession, workingSession } from '../session/session.ts';
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
  const words = { repository: 'the repository to work on', kinds: 'auto, local, github or gitea' };
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

async function startBatch(cli: Cli, source: Source, flags: Flags): Promise<ExitCode> {
  const repositoryPath = resolve(cli.cwd, flags.repository ?? '.');
  const { width, landing } = flags;
  const loaded = await loadConfig({
    repositoryPath,
    configFile: flags.config === undefined ? null : configFrom(flags.config, { cwd: cli.cwd, repositoryPath }),
    env: cli.env,
    overrides: { ...placeOverrides(flags), width, landing },
  });
  if (loaded.missingPrograms.length > 0) throw new UsageError(loaded.missingPrograms);
  const planned = await planOf(cli, source, { settings: loaded.settings, repositoryPath, flags });
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
    else cli.out.write(`${renderPlan(preview, cli.out.columns)}\n`);
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

interface PlanInput {
  readonly settings: Settings;
  readonly repositoryPath: string;
  readonly flags: Flags;
}

async function planOf(cli: Cli, source: Source, input: PlanInput): Promise<LoadedPlan> {
  const { settings, repositoryPath, flags } = input;
  switch (source.kind) {
    case 'forge': {
      const plan = await selectPlan(cli, settings, source);
      return { plan, notices: skipNotices(plan) };
    }
    case 'plan': {
      const loaded = await loadPlan({
        plan: source.plan === null ? null : planFrom(source.plan, { cwd: cli.cwd, repositoryPath }),
        issues: flags.issue,
        cwd: cli.cwd,
        repositoryPath: settings.repository.path,
      });
      await requireAdmission(cli, settings);
      return loaded;
    }
  }
}

async function resumeBatch(cli: Cli, source: Source, flags: Flags): Promise<ExitCode> {
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

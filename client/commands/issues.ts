import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Filing } from '../../workflows/domain/plan/filing.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { exitCodes, printJson, repeatable, type Cli, type ExitCode } from '../cli.ts';
import { loadConfig } from '../config/load.ts';
import { fileIssues } from '../forge/file-issues.ts';
import { configFrom, planFrom } from './named-path.ts';
import { missingIssues, parseLabels, refuseUnfileable, requireForge, withLabels } from '../plan/filing.ts';
import { findPlan, resolvePlan } from '../plan/load.ts';
import { writeNumbers, type PlanPlace } from '../plan/numbers.ts';
import { renderFiling, viewFiling } from '../render/filing.ts';
import { workingSession } from '../session/session.ts';
import { hasServer } from '../../workflows/domain/forge-facts.ts';
import { forgeNames } from '../config/forge-schema.ts';
import { placeOverrides, withPlaceOptions, type PlaceFlags } from './place-options.ts';

interface Flags extends PlaceFlags {
  readonly label: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  millrace issues create plan.yaml --dry-run
  millrace issues create plan.yaml -C ../shop --label backlog
  millrace issues create tasks.json --forge gitea --repo acme/shop --json`;

/** `millrace issues`: a plan's tasks as issues of the forge. */
export function issuesCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  const words = {
    repository: 'the repository whose forge gets them',
    kinds: forgeNames.filter((name) => name === 'auto' || hasServer(name)),
  };
  const create = withPlaceOptions(new Command('create'), words)
    .description(
      'File the tasks of a plan as issues, each after what it depends on; writes their numbers into the plan.',
    )
    .argument('<plan>', 'plan.yaml, tasks.json, or a folder that holds one')
    .option('--label <label>', 'a label for all of them; may be repeated', repeatable, [])
    .option('--dry-run', 'show what would be filed; file nothing')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `${examples}

A task that has a number (\`issue: 17\`) is left alone. Started again, it goes on where it was stopped, and makes nothing twice.

Exit codes: 0 every task has its issue; 1 it stopped before the last one; 2 usage or configuration;
3 Temporal unreachable; 130 stopped by Ctrl-C (the filing goes on where a worker runs).`,
    )
    .action(async (plan: string, flags: Flags) => exit(await createIssues(cli, plan, flags)));
  return new Command('issues')
    .description('File the tasks of a plan as issues of the forge.')
    .addCommand(create)
    .addHelpText('after', examples);
}

async function createIssues(cli: Cli, planPath: string, flags: Flags): Promise<ExitCode> {
  const more = parseLabels(flags.label);
  const repositoryPath = resolve(cli.cwd, flags.repository ?? '.');
  const at = { cwd: cli.cwd, repositoryPath };
  const { settings, notices } = await loadConfig({
    repositoryPath,
    configFile: flags.config === undefined ? null : configFrom(flags.config, at),
    env: cli.env,
    overrides: placeOverrides(flags),
    purpose: 'filing',
  });
  requireForge(settings, 'filing');
  const named = planFrom(planPath, at);
  const file = await findPlan(named, cli.cwd);
  const loaded = await resolvePlan({ plan: named, issues: [], cwd: cli.cwd, repositoryPath: settings.repository.path });
  const plan = withLabels(loaded.plan, { rules: settings.issues, more });
  await refuseUnfileable(plan, file);
  if (flags.dryRun) {
    show(cli, viewFiling(plan, settings.place, null), flags);
    return exitCodes.success;
  }
  for (const notice of notices) cli.progress(notice);
  const session = await workingSession(cli);
  try {
    const filing = await fileIssues(session, { settings, plan }, cli);
    if (filing === null) {
      cli.progress('stopped; nothing is lost. The same command goes on with it and writes the numbers into the plan');
      return exitCodes.stopped;
    }
    if (filing.missing.length > 0) throw await missingIssues(filing, plan, file);
    // Shown first, so that nobody loses the numbers if the plan cannot be written to.
    show(cli, viewFiling(plan, settings.place, filing), flags);
    await keepNumbers(cli, { filing, plan, file });
    return filing.stopped === null ? exitCodes.success : exitCodes.unsuccessful;
  } finally {
    await session.end();
  }
}

async function keepNumbers(
  cli: Cli,
  { filing, plan, file }: { readonly filing: Filing; readonly plan: PlanDocument; readonly file: PlanPlace },
): Promise<void> {
  const idOf = new Map(plan.issues.map(({ key, id }) => [key, id]));
  const made = filing.issues.filter(({ how }) => how !== 'known');
  const absent = await writeNumbers(file, new Map(made.map(({ key, number }) => [idOf.get(key) ?? key, number])));
  const written = made.length - absent.length;
  if (written > 0) cli.progress(`${file.name}: the numbers of ${written} issues are in it now`);
  for (const id of absent) cli.progress(`${file.name} has no task ${id} any more: its issue stays as it is`);
  if (filing.stopped) cli.progress('fix what the forge names, then give the same command again: it goes on from there');
}

function show(cli: Cli, view: ReturnType<typeof viewFiling>, flags: Flags): void {
  if (flags.json) printJson(cli, view);
  else cli.out.write(`${renderFiling(view, cli.out.columns || undefined)}\n`);
}

import { resolve } from 'node:path';
import { Command } from 'commander';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import { addUpdate, pauseUpdate, stopUpdate, unpauseUpdate, widthUpdate } from '../../workflows/messages.ts';
import { batchHandle } from '../../workflows/starts.ts';
import { rememberBatch } from '../batch/history.ts';
import { ask } from '../batch/update.ts';
import { changeBudget, parseBudget, type BudgetFlags } from '../batch/budget.ts';
import { chooseBatch, type BatchEntry } from '../batch/list.ts';
import { exitCodes, repeatable, type Cli, type ExitCode } from '../cli.ts';
import { parseOverrides } from '../config/overrides.ts';
import { readDocument } from '../state/document.ts';
import { UsageError } from '../input/errors.ts';
import { isAddress } from '../forge/issue-link.ts';
import { resolvePlan } from '../plan/load.ts';
import { othersLine } from '../render/others.ts';
import { register } from '../state/register.ts';
import { parseSelection, selectPlan, skipNotices, type IssueSource } from '../forge/selection.ts';
import { requireStarted } from '../session/ever-started.ts';
import { lookingSession, type Session } from '../session/session.ts';
import { cleanLine } from '../../workflows/domain/words.ts';

interface Flags extends BudgetFlags {
  readonly width?: string;
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly stop?: boolean;
  readonly add: readonly string[];
}

/** `millrace steer`: changes a batch while it runs. */
export function steerCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('steer')
    .description('Change a batch while it runs: its width, its budget, pause, resume, stop, more issues.')
    .argument('[batch]', 'the batch (default: the one that was started last)')
    .option('--width <n>', 'issues at once from now on')
    .option('--budget <usd>', 'US dollars that it may cost in all from now on; none: no limit')
    .option('--budget-tokens <n>', 'the same in tokens')
    .option('--pause', 'start nothing more until --resume; what runs goes on')
    .option('--resume', 'start issues again')
    .option('--stop', 'start nothing more for good; what runs goes on to its end')
    .option(
      '--add <issue>',
      'add an issue of the forge by its number or address (may be repeated), or those of a plan',
      repeatable,
      [],
    )
    .addHelpText(
      'after',
      '\nExamples:\n  millrace steer --width 8\n  millrace steer --budget 40\n  millrace steer --add more.yaml\n  millrace steer --add 45 --add 46\n  millrace steer 261121-093000-1a2b --pause',
    )
    .action(async (batch: string | undefined, flags: Flags) => exit(await steer(cli, batch, flags)));
}

async function steer(cli: Cli, named: string | undefined, flags: Flags): Promise<ExitCode> {
  const { width } = parseOverrides({ width: flags.width });
  const budget = parseBudget(flags);
  const changesBudget = Object.keys(budget).length > 0;
  if (width === null && !changesBudget && !flags.pause && !flags.resume && !flags.stop && flags.add.length === 0) {
    throw new UsageError({
      where: 'steer',
      what: 'nothing to change',
      mend: 'give --width, --budget, --budget-tokens, --pause, --resume, --stop or --add',
    });
  }
  await requireStarted(cli.env);
  const session = await lookingSession(cli);
  try {
    const { batch, workflowId, open, others: all } = await chooseBatch(session.client, named);
    const others = all.filter((each) => each.open);
    if (!open) throw over(batch, others);
    if (named === undefined && others.length > 0) cli.progress(othersLine(others)!);
    // A plan with a fault is refused before anything is changed, and before a worker is started.
    const source = flags.add.length > 0 ? parseSelection(flags.add, {}) : null;
    const plan = source && (await planDocument(cli, session, { workflowId, source }));
    await session.startWork();
    const handle = batchHandle(session.client, batch);
    const { client } = session;
    if (width !== null) {
      const before = await ask(client, () => handle.executeUpdate(widthUpdate, { args: [{ width }] }));
      cli.out.write(`batch ${batch}: width ${before} → ${width}\n`);
    }
    if (changesBudget) cli.out.write(`batch ${batch}: ${await changeBudget(session, batch, budget)}\n`);
    const turn = async (message: typeof pauseUpdate, to: string) => {
      const before = await ask(client, () => handle.executeUpdate(message));
      cli.out.write(`batch ${batch}: ${before} → ${to}\n`);
    };
    if (flags.pause) await turn(pauseUpdate, 'paused');
    if (flags.resume) await turn(unpauseUpdate, 'running');
    if (flags.stop) await turn(stopUpdate, 'stopped');
    if (plan !== null) {
      await ask(client, () => handle.executeUpdate(addUpdate, { args: [{ plan }] }));
      cli.out.write(`batch ${batch}: added ${added(flags.add)}\n`);
    }
    if (!flags.stop && !session.workerRan && (await session.otherKeepers()).length === 0)
      cli.progress(`no worker runs after this: go on by \`millrace start-batch --resume ${batch}\` or \`millrace up\``);
    return exitCodes.success;
  } finally {
    await session.end();
  }
}

/** The error for a batch that is over; the person may have meant another one. */
function over(batch: string, others: readonly BatchEntry[]): UsageError {
  const names = others.map((each) => each.batch).join(' or ');
  const mend =
    names === '' ? 'start another one: millrace start-batch' : `name one that is open: millrace steer ${names}`;
  return new UsageError({ where: batch, what: 'this batch is over', mend });
}

function added(add: readonly string[]): string {
  if (isAddress(add[0]!)) return cleanLine(add.join(', '), 1000);
  if (!/^#?\d+$/.test(add[0]!)) return `the issues of ${add[0]}`;
  return add.map((number) => `#${number.replace('#', '')}`).join(', ');
}

async function planDocument(
  cli: Cli,
  session: Session,
  add: { readonly workflowId: string; readonly source: IssueSource },
): Promise<string> {
  const { input } = await rememberBatch(session.client, add.workflowId);
  const { repo, settings: sha256, plans } = input;
  const settings = await readDocument<Settings>(session.stateRoot, { repo, sha256 });
  const documents = await Promise.all(
    plans.map((plan) => readDocument<PlanDocument>(session.stateRoot, { repo, sha256: plan })),
  );
  const beside = documents.flatMap(({ issues }) => issues.flatMap(numberOf));
  const plan = await planOf(cli, settings, { source: add.source, beside });
  return (await register({ stateRoot: session.stateRoot, settings, plan })).plan;
}

/** The number by which other issues name an issue of a forge; a plan's issues are named by id. */
function numberOf({ id, number }: IssueDocument): readonly number[] {
  return number !== undefined && id === String(number) ? [number] : [];
}

async function planOf(
  cli: Cli,
  settings: Settings,
  { source, beside }: { readonly source: IssueSource; readonly beside: readonly number[] },
): Promise<PlanDocument> {
  if (source.kind === 'forge') {
    const plan = await selectPlan(cli, settings, { ...source, request: { ...source.request, beside } });
    for (const notice of skipNotices(plan)) cli.progress(notice);
    return plan;
  }
  const path = source.plan === null ? null : resolve(cli.cwd, source.plan);
  const repositoryPath = settings.repository.path;
  return (await resolvePlan({ plan: path, issues: [], cwd: cli.cwd, repositoryPath })).plan;
}

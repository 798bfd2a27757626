import { Command } from 'commander';
import { chooseBatch, listBatches, type BatchEntry } from '../batch/list.ts';
import { createBatchReader, isSettled, type BatchView } from '../batch/view.ts';
import { readDocument } from '../state/document.ts';
import { exitCodes, printJson, type Cli, type ExitCode } from '../cli.ts';
import { follow } from '../render/follow.ts';
import { readPaces, type PaceView } from '../state/pace.ts';
import { liveTable, nextCommands, rememberedLine, summary } from '../render/batch.ts';
import { othersLine } from '../render/others.ts';
import { paceLine } from '../render/pace.ts';
import { table } from '../render/table.ts';
import { everStarted, requireStarted } from '../session/ever-started.ts';
import { lookingSession } from '../session/session.ts';
import { cacheRoot } from '../state/folders.ts';
import type { Settings } from '../../workflows/domain/settings.ts';

interface Flags {
  readonly watch?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `millrace status`: where the issues of a batch stand. Looking starts no work. */
export function statusCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('status')
    .description('Show where the issues of a batch stand: the named one, else the one that was started last.')
    .argument('[batch]', 'the batch')
    .option('-w, --watch', 'keep showing until nothing more happens by itself')
    .option('--all', 'list all batches that the server remembers')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  millrace status\n  millrace status --watch\n  millrace status --all --json')
    .action(async (batch: string | undefined, flags: Flags) => exit(await status(cli, batch, flags)));
}

async function status(cli: Cli, named: string | undefined, flags: Flags): Promise<ExitCode> {
  if (flags.all && !(await everStarted(cli.env))) return printBatches(cli, [], flags);
  await requireStarted(cli.env);
  const session = await lookingSession(cli);
  try {
    if (flags.all) return printBatches(cli, await listBatches(session.client), flags);
    const { batch, others } = await chooseBatch(session.client, named);
    const reader = createBatchReader(session);
    if (flags.watch) sayWhoIsMissing(cli, await reader.read(batch));
    const view = flags.watch
      ? await follow({ reader, batch, out: cli.out, signal: cli.signal, quiet: flags.json ?? false })
      : await reader.read(batch, { lastLines: true });
    if (view === null) return exitCodes.stopped;
    const paces = await pacesOf(cli, { stateRoot: session.stateRoot, ...view });
    if (flags.json) printJson(cli, paces === null ? view : { ...view, limits: paces });
    else {
      const next = nextCommands(view);
      const more = othersLine(others);
      cli.out.write(
        [
          liveTable(view, cli.out.columns || 160),
          '',
          `${view.state.replace('-', ' ')}. ${summary(view)}`,
          ...rememberedLine(view),
          ...(paces ?? []).map(paceLine),
          ...next,
          ...(named === undefined && more !== null ? [more] : []),
          '',
        ].join('\n'),
      );
    }
    return exitCodes.success;
  } finally {
    await session.end();
  }
}

/** Watching starts no worker, and without one nobody would know what there is to wait for. */
function sayWhoIsMissing(cli: Cli, view: BatchView): void {
  if (view.remembered && !isSettled(view))
    cli.progress(`${view.remembered.why}, so this batch stands still until you type \`millrace up\` elsewhere`);
}

function printBatches(cli: Cli, batches: readonly BatchEntry[], flags: Flags): ExitCode {
  if (flags.json) printJson(cli, batches);
  else {
    const rows = batches.map((each) => [each.batch, each.repo, each.stage, each.startedAt.toISOString()]);
    cli.out.write(`${table(['batch', 'repository', 'stage', 'started'], rows)}\n`);
  }
  return exitCodes.success;
}

/** What is left of the limits of the batch's forge; null: it has none. */
async function pacesOf(
  cli: Cli,
  batch: { readonly stateRoot: string; readonly repo: string; readonly settings: string },
): Promise<readonly PaceView[] | null> {
  const { repo, settings: sha256 } = batch;
  const { place } = await readDocument<Settings>(batch.stateRoot, { repo, sha256 });
  if (!place) return null;
  const { origin } = new URL(place.url);
  return (await readPaces(cacheRoot(cli.env))).filter(({ server }) => server === origin);
}

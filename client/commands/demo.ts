import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { createBatchReader } from '../batch/view.ts';
import { exitCodes, type Cli, type ExitCode } from '../cli.ts';
import { loadConfig } from '../config/load.ts';
import { createDemo } from './demo-sample.ts';
import { follow } from '../render/follow.ts';
import { resolvePlan } from '../plan/load.ts';
import { finalTable, summary } from '../render/batch.ts';
import { writeReport } from '../render/report-file.ts';
import { workingSession } from '../session/session.ts';
import { beginBatch } from '../batch/begin.ts';
import { typed } from '../render/typed.ts';

/** `millrace demo`: the main job on a sample repository, with a scripted agent; needs no account. */
export function demoCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('demo')
    .description('Run six issues of a sample repository through the real thing, with a scripted agent.')
    .option('--remove', 'remove the sample repository and the state at the end')
    .option('--width <n>', 'issues at once', '3')
    .addHelpText('after', '\nExample:\n  millrace demo --width 1')
    .action(async (flags: { readonly remove?: boolean; readonly width: string }) => exit(await demo(cli, flags)));
}

async function demo(cli: Cli, flags: { readonly remove?: boolean; readonly width: string }): Promise<ExitCode> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  const { repository, plan, expected } = await createDemo(folder);
  const stateRoot = join(folder, 'state');
  const config = await loadConfig({
    repositoryPath: repository,
    configFile: null,
    env: cli.env,
    overrides: { width: flags.width },
  });
  const planned = await resolvePlan({ plan, issues: [], cwd: folder, repositoryPath: repository });
  // The demonstration has its own server and state, so that it never meets a batch of yours.
  const session = await workingSession({ ...cli, env: withoutTemporal({ ...cli.env, MILLRACE_STATE: stateRoot }) });
  try {
    const batch = await beginBatch(session, { settings: config.settings, plan: planned.plan });
    cli.progress(`batch ${batch.id}: ${batch.page ?? ''}`);
    const reader = createBatchReader(session);
    const view = await follow({ reader, batch: batch.id, out: cli.out, signal: cli.signal, quiet: false });
    if (view === null) return exitCodes.stopped;
    const layout = stateLayout(stateRoot).repository(config.settings.repository.key);
    const rows = view.issues.map((issue) => [issue.id, expected[issue.id] ?? '?', issue.outcome ?? issue.stage]);
    const surprises = rows.filter(([, wanted, got]) => wanted !== got);
    const report = await writeReport(stateRoot, view);
    const here = `MILLRACE_STATE=${stateRoot}`;
    const from = { env: cli.env, program: process.argv[1] ?? 'millrace' };
    const places = [
      ['repository', repository],
      ['branches', `git -C ${repository}.git branch --list 'millrace/*'`],
      ['private refs', `git -C ${layout.mirror} for-each-ref refs/millrace`],
      ['worktrees', layout.worktrees],
      ['transcripts', layout.attempts('')],
      ['report', report],
      ['Web UI', `${here} ${typed('up', from)}, then ${batch.page ?? ''}`],
      ['resume it', `${here} ${typed('resume', from)} title-case --message 'keep small words small'`],
      ['remove it', `rm -rf ${folder}`],
    ];
    const verdict =
      surprises.length === 0
        ? 'Every issue ended as scripted.'
        : `Not as scripted: ${surprises.map(([id, wanted, got]) => `${id} is ${got}, not ${wanted}`).join('; ')}.`;
    const lines = ['', finalTable(view, cli.out.columns || 160), '', summary(view), ''];
    const where = flags.remove ? [] : [...places.map(([name = '', place]) => `${name.padEnd(12)}  ${place}`), ''];
    cli.out.write([...lines, ...where, verdict, ''].join('\n'));
    return surprises.length === 0 ? exitCodes.success : exitCodes.unsuccessful;
  } finally {
    await session.end();
    if (flags.remove) await rm(folder, { recursive: true, force: true });
  }
}

function withoutTemporal(env: Cli['env']): Cli['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

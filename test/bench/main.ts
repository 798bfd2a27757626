import { parseArgs } from 'node:util';
import { measureBatch } from './batch.ts';
import { median, rounded, type Figures } from './figures.ts';
import { makeGround, type Ground } from './ground.ts';
import { runPipeline, type PipelineRun } from './pipeline.ts';
import { runShellLoop, type Load, type ShellRun } from './shell-loop.ts';
import { measureWorktrees } from './worktrees.ts';

// npm run bench                 all of it, about ten minutes on two cores; the table goes to standard error
// npm run bench -- --short      one round of each, without the batch of 200, for CI; about two minutes
// npm run -s bench -- --json    the figures as one JSON object on standard output besides

const { values: flags } = parseArgs({
  options: { json: { type: 'boolean', default: false }, short: { type: 'boolean', default: false } },
});
const rounds = flags.short ? 1 : 3;
const WIDTH = 20;

/** What the reference calls small: most repositories that an issue is about have some hundred files. */
const small = { files: 200, bytes: 8_000 };

const few = await compare(40, 0);
const many = flags.short ? null : await compare(200, 0);
const slow = await compare(40, 5);
const worktreeRatio = await measureWorktrees(rounds);
for (const [count, ratio] of Object.entries(worktreeRatio)) {
  row(`worktrees, ${count}`, `${ratio.toFixed(2)} of a loop of git worktree add`, '0.60');
}
const batch = await measureBatch(flags.short ? 300 : 1_000);
row('batch, activities in memory', `${batch.issuesPerSecond.toFixed(1)} issues a second`, '');
row('  CPU an issue', `server ${batch.cpu.server.toFixed(0)} ms, worker ${batch.cpu.worker.toFixed(0)} ms`, '');
row('longest history', `${batch.maxHistoryEvents} events`, '10,000');
row('memory of the worker', `${batch.rssGrowthMb.toFixed(0)} MB more at the end`, 'flat');

if (flags.json) {
  const figures: Figures = {
    pipelineMsPerIssue: {
      '40': rounded(few.pipeline / 40),
      ...(many && { '200': rounded(many.pipeline / 200) }),
    },
    shellMsPerIssue: { '40': rounded(few.shell / 40), ...(many && { '200': rounded(many.shell / 200) }) },
    pipelineRatio5s: rounded(slow.pipeline / slow.shell),
    worktreeRatio: {
      '1': rounded(worktreeRatio[1]),
      '5': rounded(worktreeRatio[5]),
      '10': rounded(worktreeRatio[10]),
      '20': rounded(worktreeRatio[20]),
    },
    batchIssuesPerSecond: rounded(batch.issuesPerSecond),
    maxHistoryEvents: batch.maxHistoryEvents,
    workerRssGrowthMb: rounded(batch.rssGrowthMb),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** Pipeline and shell loop in turn, each on a repository of its own; medians in milliseconds. */
async function compare(issues: number, seconds: number): Promise<{ pipeline: number; shell: number }> {
  const load: Load = { issues, seconds, width: WIDTH };
  const shell: ShellRun[] = [];
  const pipeline: PipelineRun[] = [];
  for (let round = 0; round < (seconds > 0 ? 1 : rounds); round++) {
    shell.push(await onFreshGround((ground) => runShellLoop(ground, load)));
    pipeline.push(await onFreshGround((ground) => runPipeline(ground, load)));
  }
  const ms = { pipeline: median(pipeline.map((each) => each.ms)), shell: median(shell.map((each) => each.ms)) };
  const what = seconds > 0 ? `${issues} issues, an agent of ${seconds} s` : `${issues} issues, an agent of no time`;
  const each = (total: number) => `${(total / issues).toFixed(0)} ms`;
  const aim = seconds > 0 ? '1.10' : `shell + 200 ms`;
  row(
    what,
    `${each(ms.pipeline)} an issue, shell ${each(ms.shell)}, ratio ${(ms.pipeline / ms.shell).toFixed(2)}`,
    aim,
  );
  row('  CPU an issue', `${cpuOf(pipeline)}; shell ${median(shell.map((each) => each.cpu)).toFixed(0)} ms`, '');
  return ms;
}

function cpuOf(runs: readonly PipelineRun[]): string {
  const parts = ['server', 'worker', 'git and agents', 'client'] as const;
  return parts.map((part) => `${part} ${median(runs.map((run) => run.cpu[part])).toFixed(0)} ms`).join(', ');
}

async function onFreshGround<T>(job: (ground: Ground) => Promise<T>): Promise<T> {
  const ground = makeGround(small);
  try {
    return await job(ground);
  } finally {
    ground.remove();
  }
}

function row(what: string, figure: string, aim: string): void {
  process.stderr.write(`${what.padEnd(36)}${figure}${aim && ` (aim: ${aim})`}\n`);
}

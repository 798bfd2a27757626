import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBatchReader } from '../../client/batch/view.ts';
import { beginBatch } from '../../client/batch/begin.ts';
import { loadConfig } from '../../client/config/load.ts';
import { follow } from '../../client/render/follow.ts';
import { resolvePlan } from '../../client/plan/load.ts';
import { readServerRecord, runningWorker } from '../../client/state/running.ts';
import { workingSession, type Session } from '../../client/session/session.ts';
import { cpuBelow, cpuMs } from './cpu.ts';
import { writeConfig, type Ground } from './ground.ts';
import type { Load } from './shell-loop.ts';

/** What one batch took. */
export interface PipelineRun {
  /** Wall clock from the batch's start until its follower saw the end. */
  readonly ms: number;
  /** CPU milliseconds an issue, by who used them; wall clocks of a busy machine lie, these don't. */
  readonly cpu: Readonly<Record<'server' | 'worker' | 'git and agents' | 'client', number>>;
  /** Bringing server and worker up. */
  readonly startUpMs: number;
}

/** Runs the issues through the product: its server, its worker, its client's own code. */
export async function runPipeline(ground: Ground, load: Load): Promise<PipelineRun> {
  const { env, settings, plan } = await prepare(ground, load);
  const startedAt = performance.now();
  const session = await workingSession({ env, progress: () => {} });
  try {
    const startUpMs = performance.now() - startedAt;
    const used = await meter(session.stateRoot);
    const begunAt = performance.now();
    const { id } = await beginBatch(session, { settings, plan });
    await untilApproved(session, id);
    return { ms: performance.now() - begunAt, cpu: used(load.issues), startUpMs };
  } finally {
    await session.end();
  }
}

/** Settings and plan as `start-batch` reads them, and an environment with a state folder of its own. */
async function prepare(ground: Ground, { issues, seconds, width }: Load) {
  const tasks = Array.from({ length: issues }, (_, index) => [`i${index}`, { instructions: `Do ${index}`, files: [] }]);
  const planFile = join(ground.root, 'tasks.json');
  writeFileSync(planFile, JSON.stringify(Object.fromEntries(tasks)));
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  const own = { MILLRACE_STATE: join(ground.root, 'state'), MILLRACE_SLOTS: String(width), MILLRACE_LOG_LEVEL: 'warn' };
  const env = { ...Object.fromEntries(kept), ...own };
  const overrides = { width: String(width) };
  const { settings } = await loadConfig({
    repositoryPath: ground.user,
    configFile: writeConfig(ground, seconds),
    env,
    overrides,
  });
  const { plan } = await resolvePlan({ plan: planFile, issues: [], cwd: ground.root, repositoryPath: ground.user });
  return { env, settings, plan };
}

async function untilApproved(session: Session, batch: string): Promise<void> {
  const reader = createBatchReader(session);
  const { signal } = new AbortController();
  const view = await follow({ reader, batch, out: process.stderr, signal, quiet: true });
  const bad = view?.issues.find((issue) => issue.outcome !== 'approved');
  if (bad) throw new Error(`issue ${bad.id} ended as ${bad.outcome ?? bad.stage}: ${bad.reason}`);
}

/** Starts to count; the answer is CPU milliseconds for each of so many issues. */
async function meter(stateRoot: string): Promise<(issues: number) => PipelineRun['cpu']> {
  const [server, worker] = [await readServerRecord(stateRoot), await runningWorker(stateRoot)];
  const now = () => {
    const { user, system } = process.cpuUsage();
    const of = worker ? cpuMs(worker.pid) : null;
    const below = worker ? cpuBelow(worker.pid) : 0; // the launcher of git has not been waited for yet
    const served = server ? cpuMs(server.pid) : null;
    return [served?.own ?? 0, of?.own ?? 0, (of?.children ?? 0) + below, (user + system) / 1000] as const;
  };
  const before = now();
  return (issues) => {
    const [served = 0, worked = 0, children = 0, client = 0] = now().map((ms, index) => (ms - before[index]!) / issues);
    return { server: served, worker: worked, 'git and agents': children, client };
  };
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { tsxLoader } from '../../client/session/worker-process.ts';
import { ensureServer } from '../../client/temporal/server.ts';
import type { BatchInput } from '../../workflows/domain/batch/batch.ts';
import { startBatch } from '../../workflows/starts.ts';
import { cpuMs, residentMb } from './cpu.ts';

export interface BatchFigures {
  readonly issuesPerSecond: number;
  /** Largest history of any run of the batch and of its issues. */
  readonly maxHistoryEvents: number;
  readonly rssGrowthMb: number;
  /** CPU milliseconds an issue. */
  readonly cpu: Readonly<Record<'server' | 'worker', number>>;
}

const WIDTH = 20;

/** Runs so many issues with activities that take no time: what the workflows and the server alone cost. */
export async function measureBatch(issues: number): Promise<BatchFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const server = await ensureServer({ stateRoot: folder, env: process.env, progress: () => {} });
  const worker = fork(join(import.meta.dirname, 'memory-worker.ts'), [server.address, folder, String(issues)], {
    execArgv: ['--import', tsxLoader()],
  });
  try {
    await ready(worker);
    const connection = await Connection.connect({ address: server.address });
    const client = new Client({ connection });
    // Two windows of issues: code is compiled and caches are full, and what grows from now on is a leak.
    await runBatch(client, { batch: 'warm-up', issues: 5 * WIDTH });
    const pids = { server: server.pid, worker: worker.pid ?? 0 };
    const used = (who: keyof typeof pids) => cpuMs(pids[who])?.own ?? 0;
    const before = residentMb(pids.worker);
    const usedBefore = { server: used('server'), worker: used('worker') };
    const startedAt = performance.now();
    await runBatch(client, { batch: 'measured', issues });
    const seconds = (performance.now() - startedAt) / 1000;
    const after = residentMb(pids.worker);
    const cpu = {
      server: (used('server') - usedBefore.server) / issues,
      worker: (used('worker') - usedBefore.worker) / issues,
    };
    const maxHistoryEvents = await longestHistory(client);
    await connection.close();
    return {
      issuesPerSecond: issues / seconds,
      maxHistoryEvents,
      cpu,
      rssGrowthMb: before === null || after === null ? 0 : after - before,
    };
  } finally {
    await end(worker);
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function ready(worker: ChildProcess): Promise<void> {
  const ended = once(worker, 'exit').then(([code]) => {
    throw new Error(`the worker ended with ${String(code)} before it was ready`);
  });
  await Promise.race([once(worker, 'message'), ended]);
  ended.catch(() => {}); // its end is awaited elsewhere
}

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exit = once(worker, 'exit');
  worker.disconnect();
  await exit;
}

async function runBatch(client: Client, size: { readonly batch: string; readonly issues: number }): Promise<void> {
  const all = ['memory'];
  const input: BatchInput = {
    version: 1,
    batch: size.batch,
    repo: 'memory',
    settings: '0'.repeat(64),
    plans: [`${size.batch}/${size.issues}`],
    forge: 'local',
    width: WIDTH,
    policy: {
      rounds: 3,
      checkFixes: 2,
      continuations: 5,
      landing: 'none',
      hasChecks: true,
      roles: { implement: all, fix: all, review: all, resolve: all, triage: all },
      budgetUsd: null,
    },
    carried: null,
  };
  const batch = await startBatch(client, input);
  const result = await batch.result();
  const approved = result.counts.approved ?? 0;
  if (approved !== size.issues) throw new Error(`${approved} of ${size.issues} issues were approved`);
}

/** The list tells the length of ended runs only: by now that is all of them, as soon as it shows them. */
async function longestHistory(client: Client): Promise<number> {
  let longest = 0;
  for await (const { historyLength } of client.workflow.list({ pageSize: 1000 })) {
    longest = Math.max(longest, historyLength ?? 0);
  }
  return longest;
}

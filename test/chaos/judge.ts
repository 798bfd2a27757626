import { Client, Connection } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { ensureServer } from '../../client/temporal/server.ts';
import type { BatchView } from '../../client/batch/view.ts';
import { cacheRoot } from '../../client/state/folders.ts';
import { workflowBundle } from '../../worker/bundle.ts';
import type { Home } from '../support/e2e/e2e.ts';
import { gatherFacts } from '../support/e2e/facts.ts';
import { findViolations } from '../support/e2e/invariants.ts';
import { until } from '../support/processes.ts';
import type { ChaosBatch } from './batch.ts';
import type { Ground } from './ground.ts';
import { readLog } from './log.ts';
import { commitsIn, contradictionsIn, recoveries } from './story.ts';

/** What came of a batch that was killed again and again. */
export interface Judgement {
  /** Every invariant that does not hold and every contradiction in what the programs saw; empty: a pass. */
  readonly faults: readonly string[];
  /** Seconds from each kill to the next start of a program. */
  readonly recoveries: readonly number[];
  /** Histories that were replayed. */
  readonly replayed: number;
}

/** Judges a settled batch: the invariants, the programs' own story, and a replay of every history. */
export async function judge(home: Home, { ground, batch }: { ground: Ground; batch: ChaosBatch }): Promise<Judgement> {
  const server = await ensureServer({ stateRoot: home.state, env: home.env, progress: () => {} });
  const connection = await Connection.connect({ address: server.address });
  try {
    const client = new Client({ connection });
    const report = (await home.run(['report', '--json'])).json<BatchView>();
    const scene = { client, stateRoot: home.state, origin: ground.origin, base: 'main', start: ground.start };
    const outcomes = Object.fromEntries(ground.issues.map(({ id, outcome }) => [id, outcome]));
    const entries = readLog(ground.log);
    const find = async () => {
      const facts = await gatherFacts(scene);
      const expected = { base: 'main', start: ground.start, rounds: 3, outcomes, commits: commitsIn(entries), report };
      return { facts, violations: findViolations(facts, expected) };
    };
    // What goes away by itself has a minute for it: trash is emptied in the background.
    let found = await find();
    await until(async () => {
      found = await find();
      return found.violations.every(({ invariant }) => invariant !== 'I3');
    }, 60_000);
    const { kills } = batch;
    const story = { entries, kills, width: ground.width };
    const violations = found.violations.map(
      ({ invariant, issue, evidence }) => `${invariant} ${issue ?? ''} ${evidence}`,
    );
    const { count, faults } = await replay(client, home);
    return {
      faults: [...violations, ...contradictionsIn(story), ...faults],
      recoveries: recoveries(story),
      replayed: count,
    };
  } finally {
    await connection.close();
    await server.stop();
  }
}

let quiet: Runtime | null = null;

async function replay(client: Client, home: Home): Promise<{ count: number; faults: readonly string[] }> {
  quiet ??= Runtime.install({ logger: new DefaultLogger('WARN') }); // once a process
  const bundle = await workflowBundle(cacheRoot(home.env));
  const faults: string[] = [];
  let count = 0;
  const histories = async function* (): AsyncGenerator<{ workflowId: string; history: History }> {
    for await (const { workflowId, runId } of client.workflow.list())
      yield { workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
  };
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: bundle }, histories())) {
    count++;
    if (error) faults.push(`${workflowId} does not replay: ${error.message}`);
  }
  return { count, faults };
}

import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { workflowBundle } from '../../worker/bundle.ts';
import { agentsQueue, hostQueue, mainQueue } from '../../workflows/ids.ts';
import { createMemoryActivities, planned } from '../support/workflow/memory-activities.ts';

// A worker with instant activities, in a process of its own so that its memory can be looked at from outside.
// memory-worker.ts ADDRESS FOLDER ISSUES; says `ready` to its parent and ends with it.

const [address = '', folder = '', issues = '0'] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger('WARN') });
const connection = await NativeConnection.connect({ address });
const plan = Array.from({ length: Number(issues) }, (_, index) => planned(`i${index}`));
const { host, main } = createMemoryActivities(plan);
// A plan's name says how many of its issues are wanted, so that a warm-up runs on the same worker.
const loadPlan: typeof main.loadPlan = async (input) => {
  const [batch = '', count = '0'] = input.plan.split('/');
  const page = plan.slice(input.cursor, Math.min(input.cursor + 500, Number(count)));
  const next = input.cursor + page.length;
  const named = page.map((issue) => ({ ...issue, id: `${batch}-${issue.id}`, key: `${batch}-${issue.key}` }));
  return { issues: named, skips: [], next: next < Number(count) ? next : null };
};
const bundle = await workflowBundle(join(folder, 'cache'));
const common = { connection, maxConcurrentActivityTaskExecutions: 100 };
const workers = await Promise.all([
  Worker.create({ ...common, taskQueue: mainQueue, workflowBundle: bundle, activities: { ...main, loadPlan } }),
  Worker.create({ ...common, taskQueue: agentsQueue, activities: host }),
  Worker.create({ ...common, taskQueue: hostQueue('memory'), activities: host }),
]);
const stop = () => {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
};
process.once('disconnect', stop);
process.send?.('ready');
await Promise.all(workers.map((worker) => worker.run()));
await connection.close();

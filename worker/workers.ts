import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { HostActivities, MainActivities } from '../activities/index.ts';
import { agentsQueue, hostQueue, mainQueue } from '../workflows/ids.ts';
import type { WorkflowBundle } from './bundle.ts';
import { noteInflight } from './inflight.ts';

/** Activities on the host queue at once: an agent waits for its slot inside one, so the bound is never tight. */
const HOST_ACTIVITIES = 200;

interface WorkersInput {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly bundle: WorkflowBundle;
  readonly host: string;
  /** Agents that this host runs at once. */
  readonly capacity: number;
  /** Folder of the notes on activities that this process holds. */
  readonly inflight: string;
  readonly main: MainActivities;
  readonly onHost: HostActivities;
}

/** One worker for each queue of this host: workflows and forges, first steps of issues, and what needs this disk. */
export function createWorkers(input: WorkersInput): Promise<readonly Worker[]> {
  const common = {
    connection: input.connection,
    namespace: input.namespace,
    maxHeartbeatThrottleInterval: '5 seconds', // a cancel arrives with the answer to a heartbeat
    shutdownGraceTime: 0, // agents hear of a shutdown at once and have the force time to save their session
    shutdownForceTime: '20 seconds',
    interceptors: { activity: [noteInflight(input.inflight)] },
  } satisfies Partial<WorkerOptions>;
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue: mainQueue,
      workflowBundle: input.bundle,
      activities: input.main,
      maxConcurrentActivityTaskExecutions: HOST_ACTIVITIES,
      stickyQueueScheduleToStartTimeout: '3 seconds', // after a kill the next worker gets a cached workflow's task
    }),
    Worker.create({
      ...common,
      taskQueue: agentsQueue,
      activities: input.onHost,
      maxConcurrentActivityTaskExecutions: input.capacity,
      maxConcurrentActivityTaskPolls: 1,
    }),
    Worker.create({
      ...common,
      taskQueue: hostQueue(input.host),
      activities: input.onHost,
      maxConcurrentActivityTaskExecutions: HOST_ACTIVITIES,
    }),
  ]);
}

/** Runs them until `stop`; they end together, since the others would take work that nobody finishes. */
export function runWorkers(workers: readonly Worker[], onStop: (because: string) => void) {
  const stop = (because: string): void => {
    const running = workers.filter((worker) => worker.getState() === 'RUNNING');
    if (running.length > 0) onStop(because);
    for (const worker of running) worker.shutdown();
  };
  const ended = Promise.allSettled(workers.map((worker) => worker.run().finally(() => stop('one of three ended'))));
  return { stop, ended };
}

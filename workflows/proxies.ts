import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { HostActivities, MainActivities } from '../activities/index.ts';
import { agentsQueue, hostQueue, mainQueue } from './ids.ts';

/** A dead worker is noticed within 20 s: set-up, agents and pushes all beat every 4 s. */
const heartbeatTimeout = '20 seconds';

/** The workflow goes on only when the agent and its children are gone and the work is saved. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** Restarts of the worker count as attempts, so the limit is well above what a bad night needs. */
const survivesRestarts = { initialInterval: '1 second', maximumInterval: '1 minute', maximumAttempts: 30 } as const;

/** Look-ups and documents: short, and harmless to repeat. */
export const { loadPlan, listOpenIssues } = proxyActivities<MainActivities>({
  taskQueue: mainQueue,
  startToCloseTimeout: '60 seconds', // an answer that died with the server is noticed after a minute
  retry: survivesRestarts,
});

/** Effects on the forge, each looked up before it is made. A forge that is away, or limits us, costs time. */
export const forge = proxyActivities<MainActivities>({
  taskQueue: mainQueue,
  startToCloseTimeout: '10 minutes', // landing fetches and pushes, and a turn may have to be waited for
  scheduleToCloseTimeout: '1 day',
  heartbeatTimeout,
  cancellationType,
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes', maximumAttempts: 500 },
});

/** What people are told on the forge: if it is away for long they are not told, and the issue goes on. */
export const { announceIssue, recordOutcome } = proxyActivities<MainActivities>({
  taskQueue: mainQueue,
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: '2 hours', // a used-up hour of a forge's limit is waited for
  heartbeatTimeout,
  cancellationType,
  retry: survivesRestarts,
});

/** Issues of a plan, filed one after the other; a credential that has used up its hour waits for the next one. */
export const { readFiled, fileIssue } = proxyActivities<MainActivities>({
  taskQueue: mainQueue,
  startToCloseTimeout: '10 minutes', // all issues of an account are looked through, at the pace that the forge allows
  scheduleToCloseTimeout: '1 day',
  heartbeatTimeout,
  cancellationType,
  retry: survivesRestarts,
});

/** First step of an issue: a host that has a slot takes it, however long that takes. */
export const { prepareIssue } = proxyActivities<HostActivities>({
  taskQueue: agentsQueue,
  startToCloseTimeout: '4 hours', // waiting for a slot, a big checkout, and set-up commands of up to 30 minutes each
  heartbeatTimeout,
  cancellationType,
  retry: survivesRestarts,
});

/** Steps that need the disk of one host. */
export function hostActivities(host: string): HostActivities {
  return proxyActivities<HostActivities>({
    taskQueue: hostQueue(host),
    scheduleToStartTimeout: '5 minutes', // then the host is gone, and another one rebuilds the worktree
    startToCloseTimeout: '24 hours', // far above a profile's own wall-clock limit, which ends a run gracefully
    heartbeatTimeout,
    cancellationType,
    retry: survivesRestarts,
  });
}

/** Clean-up of one issue: if its host is gone nobody waits; the host's janitor does it at the next start. */
export function cleanUpOn(host: string): Pick<HostActivities, 'removeWorktree'> {
  return proxyActivities<HostActivities>({
    taskQueue: hostQueue(host),
    scheduleToStartTimeout: '1 minute',
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout,
    retry: { maximumAttempts: 3 },
  });
}

/** Clean-up of a whole host, which a person asked for and waits for. */
export function cleanUpHost(host: string): Pick<HostActivities, 'cleanUp'> {
  return proxyActivities<HostActivities>({
    taskQueue: hostQueue(host),
    scheduleToStartTimeout: '1 minute',
    startToCloseTimeout: '30 minutes', // thousands of worktrees, each looked at by git
    heartbeatTimeout,
    retry: { maximumAttempts: 3 },
  });
}

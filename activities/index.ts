import type { Logger } from 'pino';
import { createAgentActivities } from './agent.ts';
import { createAnnouncementActivities } from './announcement.ts';
import { createChecksActivities } from './checks.ts';
import { createCiActivities } from './ci.ts';
import { createCleanupActivities } from './cleanup.ts';
import { createLookup, type LookupDeps } from './delivery/lookup.ts';
import { guarded } from './failure/failure.ts';
import { createFilingActivities } from './filing.ts';
import type { ForgeFor } from './forges/index.ts';
import { beating } from './heartbeat.ts';
import type { Slots } from './host/slots.ts';
import { createLandingActivities } from './landing.ts';
import { createPlanActivities } from './plan.ts';
import { createPrepareActivities } from './prepare.ts';
import { createPublishActivities, createPullRequestActivities } from './pull-request.ts';
import type { Repositories } from './repository/repository.ts';
import { createReviewActivities } from './review.ts';

/** What activities need from the worker that runs them. */
export interface ActivityDeps {
  readonly repositories: Repositories;
  readonly forgeFor: ForgeFor;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Those of the keys whose issue still has an open workflow. */
  readonly openIssues: (repo: string, keys: readonly string[]) => Promise<readonly string[]>;
}

/** The same, with what only the host of the worktrees has. */
export interface HostDeps extends ActivityDeps {
  readonly host: string;
  readonly slots: Slots;
}

/** Activities with an effect on a forge, as any worker runs them. */
export function createForgeActivities(deps: LookupDeps) {
  const lookup = createLookup(deps);
  return beating({
    ...createPullRequestActivities(lookup),
    ...createReviewActivities(lookup),
    ...createCiActivities(lookup),
    ...createLandingActivities(lookup),
    ...createAnnouncementActivities(lookup),
    ...createFilingActivities(lookup),
  });
}

/** Activities that any worker may run: documents and the forge. */
export function createMainActivities(deps: ActivityDeps) {
  return guarded({
    ...createPlanActivities(deps),
    ...createForgeActivities(deps),
    listOpenIssues: ({ repo, keys }: { readonly repo: string; readonly keys: readonly string[] }) =>
      deps.openIssues(repo, keys),
  });
}

/** Activities that need this host's disk: worktrees, agents, checks, pushes. */
export function createHostActivities(deps: HostDeps) {
  return guarded({
    ...beating({
      ...createPrepareActivities(deps),
      ...createPublishActivities(deps),
      ...createCleanupActivities(deps),
    }),
    ...createAgentActivities(deps),
    ...createChecksActivities(deps),
  });
}

/** What workflows may call on the main queue. */
export type MainActivities = ReturnType<typeof createMainActivities>;
/** What workflows may call on a host's own queue. */
export type HostActivities = ReturnType<typeof createHostActivities>;

import type { Logger } from 'pino';
import { createAgentActivities } from './agent.ts';
import { createBacklogActivities } from './plan.ts';
import { beating } from './beat.ts';
import { createChecksActivities } from './checks.ts';
import { guarded } from './failure/failure.ts';
import { createFilingActivities } from './filing.ts';
import { createForgeActivities } from './pull-request.ts';
import type { ForgeDeps } from './delivery/lookup.ts';
import type { ForgeFor } from './forges/index.ts';
import { createHostWorkActivities } from './cleanup.ts';
import { landDirect } from './git/merge.ts';
import { createPrepareActivities } from './prepare.ts';
import type { Repositories } from './repository/repository.ts';
import type { Slots } from './host/slots.ts';
import { createWorkArea } from './worktree/work-area.ts';

/** What activities need from the worker that runs them. */
export interface ActivityDeps {
  readonly repositories: Repositories;
  readonly forgeFor: ForgeFor;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Keys, among these, of issues whose workflow is open. */
  readonly openIssues: (repo: string, keys: readonly string[]) => Promise<readonly string[]>;
}

export interface HostDeps extends ActivityDeps {
  readonly host: string;
  readonly slots: Slots;
}

function forgeDeps({ repositories, forgeFor }: ActivityDeps): ForgeDeps {
  return { repositories, forgeFor, land: landDirect };
}

/** Activities that any worker may run: documents and the forge. */
export function createMainActivities(deps: ActivityDeps) {
  const { readForPrepare: _, ...forge } = createForgeActivities(forgeDeps(deps));
  return guarded({
    ...createBacklogActivities(deps),
    ...createFilingActivities(forgeDeps(deps)),
    ...forge,
    listOpenIssues: ({ repo, keys }: { readonly repo: string; readonly keys: readonly string[] }) =>
      deps.openIssues(repo, keys),
  });
}

/** Activities that need this host's disk: worktrees, agents, checks, pushes. */
export function createHostActivities(deps: HostDeps) {
  const worktrees = createWorkArea(deps.log);
  const { readForPrepare } = createForgeActivities(forgeDeps(deps));
  return guarded({
    ...beating({
      ...createPrepareActivities({ ...deps, worktrees, readForPrepare }),
      ...createHostWorkActivities(deps),
    }),
    ...createAgentActivities({ ...deps, worktrees }),
    ...createChecksActivities({ ...deps, worktrees }),
  });
}

export type MainActivities = ReturnType<typeof createMainActivities>;
export type HostActivities = ReturnType<typeof createHostActivities>;

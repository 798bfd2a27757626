import type { Logger } from 'pino';
import { createAgentActivities } from './agent.ts';
import { createBacklogActivities } from './backlog.ts';
import { beating } from './beat.ts';
import { createChecksActivities } from './checks.ts';
import { guarded } from './failure.ts';
import { createFilingActivities } from './filing.ts';
import { createForgeActivities } from './forge.ts';
import type { ForgeDeps } from './forge-binding.ts';
import type { ForgeFor } from './forges/index.ts';
import { createHostWorkActivities } from './host-work.ts';
import { landDirect } from './merge.ts';
import { createPrepareActivities } from './prepare.ts';
import type { Repositories } from './repository.ts';
import type { Slots } from './slots.ts';
import { createWorkArea } from './work-area.ts';

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

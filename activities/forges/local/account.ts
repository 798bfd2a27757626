import type { ForgeAccess } from '../../../workflows/domain/forge/forge-question.ts';
import type { RemoteReader } from '../../git/remote.ts';
import type { Capabilities, Forge } from '../forge.ts';

const capabilities: Capabilities = {
  issues: false,
  ownReview: 'any',
  scheduledMerge: false,
  ciLog: false,
  dependencies: false,
};

/** Our own files take everything. */
const access: ForgeAccess = {
  account: { id: 'local', login: 'local' },
  permission: 'admin',
  scopes: null,
  missing: [],
  isArchived: false,
  hasIssues: false,
};

/** Who we are without accounts, and what we may do: everything. */
export function createOwner(remote: RemoteReader): Pick<Forge, 'me' | 'capabilities' | 'access' | 'inspect'> {
  return {
    me: async () => access.account,
    capabilities: async () => capabilities,
    access: async () => access,
    inspect: async (base) => ({
      ...access,
      server: 'local',
      isPrivate: true,
      mergeMethods: ['merge'],
      autoMerge: false,
      base: {
        exists: (await remote.tips([base])).has(base),
        isProtected: false,
        requiredChecks: null,
        requiredApprovals: null,
      },
      limit: null,
    }),
  };
}

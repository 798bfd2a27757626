import type { ForgeAccess, ForgeInspection } from '../../../workflows/domain/forge/forge-question.ts';
import type { MissingRight } from '../../../workflows/domain/forge/right.ts';
import type { MergeMethod } from '../../../workflows/domain/settings.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Account, Permission } from '../account.ts';
import type { Capabilities } from '../forge.ts';
import { unless } from '../http/unless.ts';
import { assigneesAnswer, branchAnswer, permissionAnswer, repositoryAnswer, versionAnswer } from './answers.ts';
import { segment } from './client.ts';
import type { GiteaContext } from './context.ts';

/** Found by asking each route for something impossible: version numbers of Gitea and Forgejo tell nothing. */
export async function readCapabilities(gitea: GiteaContext): Promise<Capabilities> {
  const { client } = gitea;
  const at = client.repository;
  const look = (path: string) => isThere(() => client.text(`${at}${path}`, { bytes: 1024, end: 'tail' }));
  return {
    issues: true,
    ownReview: 'comment-only',
    scheduledMerge: false, // Gitea's is bound to no sha, and fires on red where no rule forbids it
    ciLog: await look('/actions/jobs/0/logs'),
    dependencies: await look('/issues/0/dependencies'),
  };
}

/** Reads what our credential may do here. */
export async function readAccess(gitea: GiteaContext): Promise<ForgeAccess> {
  return (await lookAt(gitea)).access;
}

async function lookAt(gitea: GiteaContext) {
  const { client } = gitea;
  const at = client.repository;
  const account = await gitea.me();
  const repository = await client.get(at, repositoryAnswer);
  const rights = repository.permissions;
  const permission: Permission = rights?.admin ? 'admin' : rights?.push ? 'write' : rights?.pull ? 'read' : 'none';
  // The target cannot exist, so nothing happens even if the scope is there.
  const ofIssues = await lacking(() => client.post(`${at}/issues/0/comments`, { body: '' }, 'read'));
  const ofPulls = await lacking(() => client.post(`${at}/pulls/0/reviews`, {}, 'read'));
  const mayWrite = permission === 'write' || permission === 'admin';
  const missing: readonly MissingRight[] = [
    ...(ofIssues === null ? [] : [{ right: 'issues', words: ofIssues } as const]),
    ...(ofPulls === null ? [] : [{ right: 'pull-requests', words: ofPulls } as const]),
    ...(mayWrite ? [] : [{ right: 'push', words: `the right to write for ${account.login}` } as const]),
  ];
  const [isArchived, hasIssues] = [repository.archived ?? false, repository.has_issues ?? true];
  const access: ForgeAccess = { account, permission, scopes: null, missing, isArchived, hasIssues };
  return { access, repository };
}

/** Reads everything that `doctor` shows of a repository and its base. */
export async function readInspection(gitea: GiteaContext, base: string): Promise<ForgeInspection> {
  const { access, repository } = await lookAt(gitea);
  const { version } = await gitea.client.get('/version', versionAnswer);
  return {
    ...access,
    server: `${/forgejo|\+gitea/i.test(version) ? 'Forgejo' : 'Gitea'} ${version}`,
    isPrivate: repository.private,
    mergeMethods: methodsOf(repository),
    autoMerge: false,
    base: await baseOf(gitea, base),
    limit: null,
  };
}

/** A login that belongs to another account by now has no permission. */
export async function readPermission({ client }: GiteaContext, account: Account): Promise<Permission> {
  const at = client.repository;
  try {
    const found = await client.get(`${at}/collaborators/${segment(account.login)}/permission`, permissionAnswer);
    if (String(found.user?.id ?? account.id) !== account.id) return 'none';
    return permissionOf(found.permission);
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    if (error.kind === 'not-found') return 'none';
    if (error.kind !== 'forbidden') throw error;
    // A mere writer may ask only about itself, but may list who can be assigned: everybody who may write.
    const writers = await client.get(`${at}/assignees`, assigneesAnswer);
    return writers.some(({ id }) => String(id) === account.id) ? 'write' : 'read';
  }
}

async function baseOf({ client }: GiteaContext, base: string): Promise<ForgeInspection['base']> {
  const path = `${client.repository}/branches/${segment(base)}`;
  const rule = await client.get(path, branchAnswer).catch(unless('not-found'));
  if (!rule) return { exists: false, isProtected: null, requiredChecks: null, requiredApprovals: null };
  return {
    exists: true,
    isProtected: rule.protected,
    requiredChecks: rule.enable_status_check ? (rule.status_check_contexts ?? []) : [],
    requiredApprovals: rule.required_approvals ?? 0,
  };
}

function methodsOf(repository: ReturnType<typeof repositoryAnswer.parse>): readonly MergeMethod[] {
  const allowed: readonly (readonly [MergeMethod, boolean | null | undefined])[] = [
    ['merge', repository.allow_merge_commits],
    ['squash', repository.allow_squash_merge],
    ['rebase', repository.allow_rebase],
  ];
  return allowed.flatMap(([method, isAllowed]) => (isAllowed ? [method] : []));
}

function permissionOf(word: string): Permission {
  switch (word) {
    case 'owner':
    case 'admin':
      return 'admin';
    case 'write':
    case 'read':
      return word;
    default:
      return 'none';
  }
}

async function isThere(ask: () => Promise<unknown>): Promise<boolean> {
  const error = await errorOf(ask);
  if (error === null) return true;
  if (error.kind === 'unsupported') return false;
  if (['not-found', 'invalid', 'forbidden'].includes(error.kind)) return true;
  throw error;
}

/** The scope that Gitea says is missing; null: none. */
async function lacking(ask: () => Promise<unknown>): Promise<string | null> {
  const error = await errorOf(ask);
  return (error?.kind === 'forbidden' && /required=\[([\w:, ]+)\]/.exec(error.message)?.[1]) || null;
}

async function errorOf(ask: () => Promise<unknown>): Promise<ForgeError | null> {
  try {
    await ask();
    return null;
  } catch (error) {
    if (error instanceof ForgeError) return error;
    throw error;
  }
}

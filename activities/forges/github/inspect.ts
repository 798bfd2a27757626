import type { ForgeAccess, ForgeInspection } from '../../../workflows/domain/forge/forge-question.ts';
import type { MissingRight, Right } from '../../../workflows/domain/forge/right.ts';
import type { MergeMethod } from '../../../workflows/domain/settings.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Account, Permission } from '../account.ts';
import type { Capabilities } from '../forge.ts';
import { unless } from '../http/unless.ts';
import type { GithubClient, SendRequest } from './api/client.ts';
import { demandedBy } from './required.ts';
import * as schema from './api/schema.ts';
import { listOf } from './api/error-words.ts';
import type { z } from 'zod';

/** A right, and a request that needs it. */
type Probe = readonly [missing: MissingRight, send: SendRequest];

type Repository = z.infer<typeof schema.repository>;

/** What GitHub can do, and whether this repository lets pull requests be merged on green. */
export async function readCapabilities(client: GithubClient): Promise<Capabilities> {
  const { allow_auto_merge } = await client.ask(schema.repository, (rest) => rest.repos.get(client.at));
  return {
    issues: true,
    ownReview: 'comment-only',
    scheduledMerge: allow_auto_merge === true,
    ciLog: true,
    dependencies: true,
  };
}

/** What one request tells. */
export async function readAccess(client: GithubClient, account: Account): Promise<ForgeAccess> {
  return (await lookAt(client, account)).access;
}

async function lookAt(client: GithubClient, account: Account) {
  const told = await client.answer((rest) => rest.repos.get(client.at));
  const repository = await client.ask(schema.repository, async () => told);
  const scopes = told.headers['x-oauth-scopes'];
  const permission = permissionIn(repository, account);
  const access: ForgeAccess = {
    account,
    permission,
    scopes: scopes === undefined ? null : listOf(String(scopes)),
    missing: missingIn(repository, permission, scopes),
    isArchived: repository.archived ?? false,
    hasIssues: repository.has_issues ?? true,
  };
  return { access, repository, version: told.headers['x-github-enterprise-version'] };
}

/** Finds out what the credential may do by asking for one thing of each kind. */
export async function readInspection(client: GithubClient, base: string, account: Account): Promise<ForgeInspection> {
  const { access, repository, version } = await lookAt(client, account);
  const { core } = (await rateLimitOf(client)) ?? { core: null };
  const demanded = await demandedBy(client, base);
  return {
    ...access,
    server: version === undefined ? 'GitHub' : `GitHub Enterprise Server ${version}`,
    isPrivate: repository.private,
    missing: [...access.missing, ...(await unreadable(client, demanded.exists ? base : null))],
    mergeMethods: methodsOf(repository),
    autoMerge: repository.allow_auto_merge ?? null,
    base: {
      exists: demanded.exists,
      isProtected: demanded.isProtected,
      requiredChecks: demanded.complete || demanded.checks.length > 0 ? demanded.checks : null,
      requiredApprovals: demanded.approvals,
    },
    limit: core && { remaining: core.remaining, limit: core.limit, resetsAt: core.reset * 1_000 },
  };
}

/** Null: an enterprise server without limits answers 404. */
async function rateLimitOf(client: GithubClient) {
  const told = await client.ask(schema.rateLimit, (rest) => rest.rateLimit.get()).catch(unless('not-found'));
  return told?.resources ?? null;
}

function missingIn(
  repository: Repository,
  level: Permission,
  scopes: string | number | undefined,
): readonly MissingRight[] {
  const granted = scopes === undefined ? null : listOf(String(scopes));
  const isEnough =
    granted === null || granted.includes('repo') || (!repository.private && granted.includes('public_repo'));
  return [
    ...(isEnough ? [] : [missing('pull-requests', `scope repo${repository.private ? '' : ' (or public_repo)'}`)]),
    ...(level === 'write' || level === 'admin' ? [] : [missing('push', 'contents: write (the right to push)')]),
  ];
}

/** Reading tells only half: whether a fine-grained token may write shows only when it does. */
async function unreadable(client: GithubClient, base: string | null): Promise<readonly MissingRight[]> {
  const one = { ...client.at, per_page: 1 };
  const probes: readonly Probe[] = [
    [missing('issues', 'issues: read'), (rest) => rest.issues.listForRepo(one)],
    [missing('pull-requests', 'pull requests: read'), (rest) => rest.pulls.list(one)],
    [missing('ci', 'actions: read'), (rest) => rest.actions.listWorkflowRunsForRepo(one)],
    ...(base === null ? [] : probesOf({ ...one, ref: base })),
  ];
  const asked = probes.map(async ([right, send]) => {
    const error = await client.ask(schema.anything, send).then(
      () => null,
      (failed: unknown) => failed,
    );
    if (error === null) return [];
    // If issues are switched off there are none to read, whatever the token may do.
    if (!(error instanceof ForgeError) || !['forbidden', 'not-found'].includes(error.kind)) throw error;
    return error.kind === 'forbidden' ? [right] : [];
  });
  return (await Promise.all(asked)).flat();
}

/** What is read of a commit; an unknown one would be another error. */
function probesOf(at: { readonly owner: string; readonly repo: string; readonly ref: string }): readonly Probe[] {
  return [
    [missing('statuses', 'commit statuses: read'), (rest) => rest.repos.listCommitStatusesForRef(at)],
    [missing('ci', 'checks: read (a fine-grained token cannot have it)'), (rest) => rest.checks.listForRef(at)],
  ];
}

function missing(right: Right, words: string): MissingRight {
  return { right, words };
}

function permissionIn({ permissions }: Repository, { login }: Account): Permission {
  if (permissions?.admin) return 'admin';
  if (permissions?.push || permissions?.maintain) return 'write';
  // An App is not a collaborator: GitHub says no here, whatever the App was granted.
  if (login.endsWith('[bot]')) return 'write';
  return permissions?.pull ? 'read' : 'none';
}

function methodsOf(repository: Repository): readonly MergeMethod[] {
  const allowed: Readonly<Record<MergeMethod, boolean | null | undefined>> = {
    merge: repository.allow_merge_commit,
    squash: repository.allow_squash_merge,
    rebase: repository.allow_rebase_merge,
  };
  const methods: readonly MergeMethod[] = ['merge', 'squash', 'rebase'];
  return methods.filter((method) => allowed[method] !== false); // untold: GitHub will say when it comes to it
}

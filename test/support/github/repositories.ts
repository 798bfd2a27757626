import { notFound, ok, page, Refusal, type Call, type Rule } from './answer.ts';
import { assertUser } from './apps.ts';
import { commitView } from './diffs.ts';
import { ruleOf } from './mergeability.ts';
import { repositoryView } from './pull-view.ts';
import { heads } from './refs.ts';
import type { AccountRecord } from './state.ts';
import { writer } from './tracking.ts';
import { api, userView, view } from './views.ts';
import { accountOf } from './world.ts';

const me: Rule = (call) => {
  assertUser(call);
  return ok(view(call.world, 'private-user', userView(call.world, call.me)));
};

function permissionsOf({ permission }: AccountRecord): Record<string, boolean> {
  const order = ['none', 'read', 'write', 'admin'];
  const rank = order.indexOf(permission);
  return { admin: rank >= 3, maintain: rank >= 3, push: rank >= 2, triage: rank >= 2, pull: true };
}

const repository: Rule = ({ world, me: account }) => {
  const { settings } = world;
  // An App is no collaborator: here it may never push, whatever it was granted.
  const isApp = account.login === world.app?.account;
  return ok({
    ...repositoryView(world, 'full-repository'),
    permissions: permissionsOf(isApp ? { ...account, permission: 'none' } : account),
    allow_merge_commit: settings.mergeMethods.includes('merge'),
    allow_squash_merge: settings.mergeMethods.includes('squash'),
    allow_rebase_merge: settings.mergeMethods.includes('rebase'),
    allow_auto_merge: settings.allowAutoMerge,
    delete_branch_on_merge: settings.deleteBranchOnMerge,
  });
};

const permission: Rule = ({ world, me: account, params }) => {
  const login = params['username'] ?? '';
  const of = world.accounts.find((each) => each.login.toLowerCase() === login.toLowerCase());
  if (of === undefined) throw notFound();
  if (of.id !== account.id) writer(account);
  // A stranger may read what is public.
  const told = of.permission === 'none' && !world.settings.isPrivate ? 'read' : of.permission;
  const user = view(world, 'nullable-collaborator', {
    ...userView(world, of),
    role_name: told,
    permissions: permissionsOf(of),
  });
  return ok({ permission: told, role_name: told, user });
};

const branchOf = async ({ world, params }: Call): Promise<{ readonly name: string; readonly sha: string }> => {
  const name = params['branch'] ?? '';
  const sha = await world.objects.commit(`refs/heads/${name}`);
  if (sha === null) throw new Refusal(404, 'Branch not found');
  return { name, sha };
};

const branch: Rule = async (call) => {
  const { world } = call;
  const { name, sha } = await branchOf(call);
  const isProtected = world.settings.rules[name] !== undefined;
  return ok(
    view(world, 'branch-with-protection', {
      name,
      commit: commitView(world, sha),
      protected: isProtected,
      protection: {
        enabled: isProtected,
        required_status_checks: {
          enforcement_level: 'everyone',
          contexts: ruleOf(world, name).requiredStatuses,
          checks: [],
        },
      },
      protection_url: api(world, `/branches/${encodeURIComponent(name)}/protection`),
    }),
  );
};

const protection: Rule = async (call) => {
  const { name } = await branchOf(call);
  if (call.me.permission !== 'admin') throw notFound();
  if (call.world.settings.rules[name] === undefined) throw new Refusal(404, 'Branch not protected');
  const { requiredStatuses: contexts, strict } = ruleOf(call.world, name);
  return ok({
    required_status_checks: { contexts, strict, checks: contexts.map((context) => ({ context, app_id: null })) },
  });
};

const rules: Rule = (call) => {
  const rule = call.world.settings.rules[call.params['branch'] ?? ''];
  if (rule === undefined) return page(call, []);
  const source = {
    ruleset_source_type: 'Repository',
    ruleset_source: `${call.world.owner}/${call.world.name}`,
    ruleset_id: 7,
  };
  const checks = {
    type: 'required_status_checks',
    parameters: {
      required_status_checks: rule.requiredStatuses.map((context) => ({ context })),
      strict_required_status_checks_policy: rule.strict,
    },
    ...source,
  };
  const review = {
    type: 'pull_request',
    parameters: {
      dismiss_stale_reviews_on_push: false,
      require_code_owner_review: false,
      require_last_push_approval: false,
      required_approving_review_count: rule.approvals,
      required_review_thread_resolution: false,
    },
    ...source,
  };
  return page(call, [...(rule.requiredStatuses.length > 0 ? [checks] : []), ...(rule.approvals > 0 ? [review] : [])]);
};

const branches: Rule = async (call) => {
  const all = (await heads(call.world, 'heads/')).map(({ name, sha }) => {
    const short = name.replace('refs/heads/', '');
    return {
      name: short,
      commit: { sha, url: api(call.world, `/commits/${sha}`) },
      protected: call.world.settings.rules[short] !== undefined,
    };
  });
  const wanted = call.query['protected'];
  return page(
    call,
    all.filter((each) => wanted === undefined || String(each.protected) === wanted),
  );
};

const compare: Rule = async ({ world, params }) => {
  const [base = '', head = ''] = (params['basehead'] ?? '').split('...');
  const tip = async (name: string) =>
    (await world.objects.commit(`refs/heads/${name}`)) ?? (await world.objects.commit(name));
  const [one, two] = [await tip(base), await tip(head)];
  if (one === null || two === null) throw notFound();
  const [ahead, behind] = [await world.objects.ahead(one, two), await world.objects.ahead(two, one)];
  const status = ahead > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical';
  const [from, to] = [commitView(world, one), commitView(world, (await world.objects.mergeBase(one, two)) ?? one)];
  return ok(
    view(world, 'commit-comparison', {
      status,
      ahead_by: ahead,
      behind_by: behind,
      total_commits: ahead,
      commits: [],
      files: [],
      base_commit: from,
      merge_base_commit: to,
    }),
  );
};

export const repositoryRules: Readonly<Record<string, Rule>> = {
  'users/get-authenticated': me,
  'users/get-by-username': ({ world, params }) => {
    const found = world.accounts.find((each) => each.login.toLowerCase() === params['username']?.toLowerCase());
    if (found === undefined) throw notFound();
    return ok(view(world, 'private-user', userView(world, accountOf(world, found.login))));
  },
  'meta/get': ({ world }) => ok({ ...world.contract.minimal('api-overview'), installed_version: '3.19.0' }),
  'repos/get': repository,
  'repos/get-collaborator-permission-level': permission,
  'repos/get-branch': branch,
  'repos/get-branch-protection': protection,
  'repos/get-branch-rules': rules,
  'repos/list-branches': branches,
  'repos/compare-commits-with-basehead': compare,
  'repos/get-commit': async ({ world, params }) => {
    const sha = await world.objects.commit(params['ref'] ?? '');
    if (sha === null) throw new Refusal(422, `No commit found for SHA: ${params['ref']}`);
    return ok(commitView(world, sha));
  },
};

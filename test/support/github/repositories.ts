import { notFound, ok, page, Refusal, textOf, type Answer, type Call, type Rule } from './answer.ts';
import { commitView } from './diffs.ts';
import { ruleOf } from './mergeability.ts';
import { settle } from './merging.ts';
import { repositoryView } from './pull-view.ts';
import type { AccountRecord } from './state.ts';
import { ensureLabel, invalidLabel, writer } from './tracking.ts';
import { api, labelView, milestoneView, nodeId, userView, view } from './views.ts';
import { accountOf, type World } from './world.ts';

const me: Rule = ({ world, me: account }) => ok(view(world, 'private-user', userView(world, account)));

function permissionsOf({ permission }: AccountRecord): Record<string, boolean> {
  const order = ['none', 'read', 'write', 'admin'];
  const rank = order.indexOf(permission);
  return { admin: rank >= 3, maintain: rank >= 3, push: rank >= 2, triage: rank >= 2, pull: true };
}

const repository: Rule = ({ world, me: account }) => {
  const { settings } = world;
  return ok({
    ...repositoryView(world, 'full-repository'),
    permissions: permissionsOf(account),
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

async function heads(
  world: World,
  prefix: string,
): Promise<readonly { readonly name: string; readonly sha: string }[]> {
  const listed = await world.remote.git.run(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads']);
  const all = listed
    .split('\n')
    .filter((each) => each !== '')
    .map((line) => ({ sha: line.slice(0, 40), name: line.slice(41) }));
  return all.filter(({ name }) => name.startsWith(`refs/${prefix}`));
}

function refView(
  world: World,
  { name, sha }: { readonly name: string; readonly sha: string },
): Record<string, unknown> {
  const object = { type: 'commit', sha, url: api(world, `/git/commits/${sha}`) };
  return view(world, 'git-ref', { ref: name, node_id: nodeId('REF', 1), url: api(world, `/git/${name}`), object });
}

const ref: Rule = async (call) => {
  const name = `refs/${call.params['ref'] ?? ''}`;
  const sha = await call.world.objects.commit(name);
  if (sha === null) throw notFound();
  return ok(refView(call.world, { name, sha }));
};

const matchingRefs: Rule = async (call) => {
  const found = await heads(call.world, call.params['ref'] ?? '');
  return ok(found.map((each) => refView(call.world, each)));
};

const createRef: Rule = async (call) => {
  const { world, body } = call;
  writer(call.me);
  const [name, sha] = [textOf(body, 'ref') ?? '', textOf(body, 'sha') ?? ''];
  if ((await world.objects.commit(name)) !== null) throw new Refusal(422, 'Reference already exists');
  if ((await world.objects.commit(sha)) === null) throw new Refusal(422, 'Object does not exist');
  await world.remote.git.run(['update-ref', name, sha]);
  return ok(refView(world, { name, sha }), 201);
};

const deleteRef: Rule = async (call) => {
  const { world } = call;
  writer(call.me);
  const name = `refs/${call.params['ref'] ?? ''}`;
  if ((await world.objects.commit(name)) === null) throw new Refusal(422, 'Reference does not exist');
  if (world.settings.rules[name.replace('refs/heads/', '')] !== undefined)
    throw new Refusal(422, 'Cannot delete this protected branch');
  await world.remote.git.run(['update-ref', '-d', name]);
  await settle(world);
  return { status: 204 };
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

const createLabel: Rule = ({ world, me: account, body }) => {
  writer(account);
  const name = textOf(body, 'name') ?? '';
  if (world.state.labels.has(name.toLowerCase())) throw invalidLabel('already_exists');
  ensureLabel(world, name);
  const label = world.state.labels.get(name.toLowerCase());
  const color = textOf(body, 'color') ?? 'ededed';
  const description = textOf(body, 'description') ?? null;
  if (label !== undefined) world.state.labels.set(name.toLowerCase(), { ...label, color, description });
  return ok(labelView(world, name), 201);
};

const createMilestone: Rule = ({ world, me: account, body }) => {
  writer(account);
  const number = world.state.milestones.length + 1;
  world.state.milestones.push({ id: world.nextId(), number, title: textOf(body, 'title') ?? '' });
  return ok(milestoneView(world, number), 201);
};

function listMilestones(call: Call): Answer {
  const { state = 'open', sort, direction } = call.query;
  void [sort, direction]; // all are of one day
  const all = state === 'closed' ? [] : call.world.state.milestones;
  return page(
    call,
    all.map((each) => milestoneView(call.world, each.number)),
  );
}

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
  'git/get-ref': ref,
  'git/list-matching-refs': matchingRefs,
  'git/create-ref': createRef,
  'git/delete-ref': deleteRef,
  'issues/list-labels-for-repo': (call) =>
    page(
      call,
      [...call.world.state.labels.values()].map(({ name }) => labelView(call.world, name)),
    ),
  'issues/create-label': createLabel,
  'issues/get-label': ({ world, params }) => {
    const name = params['name'] ?? '';
    if (!world.state.labels.has(name.toLowerCase())) throw notFound();
    return ok(labelView(world, name));
  },
  'issues/list-milestones': listMilestones,
  'issues/create-milestone': createMilestone,
};

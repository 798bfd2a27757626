import { invalid, notFound, ok, page, Refusal, textOf, type Call, type Rule } from './answer.ts';
import { commitFiles, listCommits } from './diffs.ts';
import { editTexts } from './issues.ts';
import { settle } from './merging.ts';
import { mergeableState } from './mergeability.ts';
import { pullOf, pullsOf, type PullIssue } from './pull.ts';
import { pullView } from './pull-view.ts';
import type { PullRecord } from './state.ts';
import { addIssue, close, reopen, writer } from './tracking.ts';
import type { World } from './world.ts';

/** `owner:branch` or a branch alone, of this repository; undefined: of another one. */
function branchOf(world: World, head: string): string | undefined {
  const colon = head.indexOf(':');
  if (colon < 0) return head;
  return head.slice(0, colon).toLowerCase() === world.owner.toLowerCase() ? head.slice(colon + 1) : undefined;
}

const create: Rule = async (call) => {
  const { world, body } = call;
  const me = writer(call.me);
  const [head, base] = [textOf(body, 'head') ?? '', textOf(body, 'base') ?? ''];
  const branch = branchOf(world, head);
  const tip = branch === undefined ? null : await world.objects.commit(`refs/heads/${branch}`);
  if (branch === undefined || tip === null) throw invalid('PullRequest', 'head', { code: 'invalid' });
  const baseSha = await world.objects.commit(`refs/heads/${base}`);
  if (baseSha === null) throw invalid('PullRequest', 'base', { code: 'invalid' });
  const twin = pullsOf(world).find(
    (each) => each.state === 'open' && each.pull.branch === branch && each.pull.base === base,
  );
  if (twin !== undefined) throw custom(`A pull request already exists for ${world.owner}:${branch}.`);
  if (await world.objects.contains(baseSha, tip)) throw custom(`No commits between ${base} and ${branch}`);
  const pull: PullRecord = {
    id: world.nextId(),
    branch,
    head: tip,
    base,
    baseSha,
    isDraft: body['draft'] === true,
    merged: null,
    autoMerge: null,
    reviews: [],
    inline: [],
    reads: 0,
  };
  const title = textOf(body, 'title') ?? '';
  if (title === '')
    throw new Refusal(422, 'Validation Failed', {
      errors: [{ resource: 'PullRequest', code: 'missing_field', field: 'title' }],
    });
  void body['maintainer_can_modify']; // forks are beyond the fake
  const issue = addIssue(world, { title, body: textOf(body, 'body') ?? '', author: me, pull }) as PullIssue;
  await world.remote.git.run(['update-ref', `refs/pull/${issue.number}/head`, tip]);
  return ok(pullView(world, issue, null), 201);
};

function custom(message: string): Refusal {
  return new Refusal(422, 'Validation Failed', { errors: [{ resource: 'PullRequest', code: 'custom', message }] });
}

const get: Rule = async (call) => {
  const issue = pullOf(call);
  const state = await mergeableState(call.world, issue, { asked: true });
  return ok(pullView(call.world, issue, state));
};

const list: Rule = (call) => {
  const { world, query } = call;
  const { state = 'open', head, base, sort = 'created' } = query;
  const direction = query['direction'] ?? (sort === 'created' ? 'desc' : 'asc');
  // A bare branch does not filter, as on GitHub.
  const branch = head?.includes(':') === true ? (branchOf(world, head) ?? '') : undefined;
  const found = pullsOf(world).filter(
    (each) =>
      (state === 'all' || each.state === state) &&
      (branch === undefined || each.pull.branch === branch) &&
      (base === undefined || each.pull.base === base),
  );
  const key = (each: PullIssue) => Date.parse(sort === 'updated' ? each.updatedAt : each.createdAt);
  const up = found.toSorted((a, b) => key(a) - key(b) || a.number - b.number);
  const all = direction === 'desc' ? up.toReversed() : up;
  return page(
    call,
    all.map((each) => pullView(world, each)),
  );
};

const update: Rule = async (call) => {
  const { world, me, body } = call;
  const issue = pullOf(call);
  if (me.id !== issue.author.id) writer(me);
  if (issue.pull.merged !== null && body['state'] === 'open') {
    throw invalid('PullRequest', 'state', {
      code: 'invalid',
      message: 'state cannot be changed. The pull request has already been merged.',
    });
  }
  editTexts(call, issue);
  if (body['state'] === 'closed') close(world, issue, { actor: me });
  if (body['state'] === 'open' && issue.state === 'closed') await reopenPull(call, issue);
  const base = textOf(body, 'base');
  if (base !== undefined) await retarget(world, issue, base);
  issue.updatedAt = world.now();
  return ok(pullView(world, issue, await mergeableState(world, issue)));
};

async function reopenPull({ world, me }: Call, issue: PullIssue): Promise<void> {
  const { branch, base } = issue.pull;
  if ((await world.objects.commit(`refs/heads/${branch}`)) === null) {
    throw invalid('PullRequest', 'state', {
      code: 'invalid',
      message: `state cannot be changed. The ${branch} branch has been deleted.`,
    });
  }
  const twin = pullsOf(world).some(
    (each) => each.state === 'open' && each.pull.branch === branch && each.pull.base === base,
  );
  if (twin) {
    const message = `state cannot be changed. There is already an open pull request from ${branch} to ${base}.`;
    throw invalid('PullRequest', 'state', { code: 'invalid', message });
  }
  reopen(world, issue, me);
}

async function retarget(world: World, issue: PullIssue, base: string): Promise<void> {
  const sha = await world.objects.commit(`refs/heads/${base}`);
  if (sha === null) throw invalid('PullRequest', 'base', { code: 'invalid' });
  issue.pull.base = base;
  issue.pull.baseSha = sha;
  issue.pull.reads = 0;
  await settle(world);
}

const ofCommit: Rule = async (call) => {
  const { world, params } = call;
  const sha = params['commit_sha'] ?? '';
  const all = await Promise.all(
    pullsOf(world).map(async (each) => ({ each, has: await world.objects.contains(each.pull.head, sha) })),
  );
  return page(
    call,
    all.filter(({ has }) => has).map(({ each }) => pullView(world, each)),
  );
};

export const pullRules: Readonly<Record<string, Rule>> = {
  'pulls/create': create,
  'pulls/get': get,
  'pulls/list': list,
  'pulls/update': update,
  'pulls/list-files': async (call) => page(call, await commitFiles(call.world, pullOf(call).pull)),
  'pulls/list-commits': async (call) => page(call, await listCommits(call.world, pullOf(call).pull)),
  'pulls/check-if-merged': (call) => {
    if (pullOf(call).pull.merged === null) throw notFound();
    return { status: 204 };
  },
  'repos/list-pull-requests-associated-with-commit': ofCommit,
};

import { notFound, ok, Refusal, textOf, type Rule } from './answer.ts';
import { settle } from './merging.ts';
import { writer } from './tracking.ts';
import { api, nodeId, view } from './views.ts';
import type { World } from './world.ts';

/** Branches whose names begin so, with `heads/` before them. */
export async function heads(
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

export const refRules: Readonly<Record<string, Rule>> = {
  'git/get-ref': ref,
  'git/list-matching-refs': matchingRefs,
  'git/create-ref': createRef,
  'git/delete-ref': deleteRef,
};

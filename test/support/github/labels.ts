import { notFound, ok, page, textOf, type Answer, type Call, type Rule } from './answer.ts';
import { ensureLabel, invalidLabel, writer } from './tracking.ts';
import { labelView, milestoneView } from './views.ts';

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

export const labelRules: Readonly<Record<string, Rule>> = {
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

import type { LabelChange, LabelSetting } from '../issue.ts';
import { unless } from '../http/unless.ts';
import type { GithubClient } from './api/client.ts';
import * as schema from './api/schema.ts';

/** Colour of labels that we make; people may change it. */
const COLOUR = '5319e7';

/** Adds and removes labels; names are compared without case, as GitHub does. */
export async function changeLabels(client: GithubClient, number: number, change: LabelChange): Promise<void> {
  const at = { ...client.at, issue_number: number };
  const has = (await client.ask(schema.issue, (rest) => rest.issues.get(at))).labels;
  const add = change.add.filter((name) => !includes(has, name));
  if (add.length > 0) {
    await makeLabels(client, add);
    await client.ask(schema.anything, (rest) => rest.issues.addLabels({ ...at, labels: [...add] }));
  }
  for (const name of has.filter((each) => includes(change.remove, each) && !includes(change.add, each))) {
    await client.ask(schema.anything, (rest) => rest.issues.removeLabel({ ...at, name })).catch(unless('not-found'));
  }
}

/** Makes the labels that the repository does not have. */
export async function makeLabels(client: GithubClient, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const known = await client
      .ask(schema.label, (rest) => rest.issues.getLabel({ ...client.at, name }))
      .catch(unless('not-found'));
    if (known) continue;
    const make = client.ask(schema.label, (rest) => rest.issues.createLabel({ ...client.at, name, color: COLOUR }));
    await make.catch(unless('already-exists'));
  }
}

/** Who set each label that is still set, and when. */
export async function listLabelSetters(client: GithubClient, number: number): Promise<readonly LabelSetting[]> {
  const events = await client.all(schema.event, (rest, page) =>
    rest.issues.listEvents({ ...client.at, issue_number: number, ...page }),
  );
  const setters = new Map<string, LabelSetting>();
  for (const { event, actor, label, created_at: at } of events) {
    if (!label) continue;
    const name = label.name.toLowerCase();
    if (event === 'unlabeled' || (event === 'labeled' && !actor)) setters.delete(name);
    if (event === 'labeled' && actor) setters.set(name, { label: label.name, by: actor, at });
  }
  return [...setters.values()];
}

function includes(names: readonly string[], name: string): boolean {
  return names.some((each) => each.toLowerCase() === name.toLowerCase());
}

import type { CreateLabelOption, IssueLabelsOption } from 'gitea-js';
import type { LabelChange } from '../forge.ts';
import { unless } from '../http/unless.ts';
import { labelsAnswer } from './answers.ts';
import { numbered, segment } from './client.ts';
import type { Desk } from './desk.ts';
import { unreadable } from './refusal.ts';

/** Gitea demands one of a new label. */
const COLOR = '#ededed';

interface Label {
  readonly id: number;
  readonly name: string;
}

/** Labels by id: an unknown name, or one in other letters, Gitea leaves out and says that all is well. */
export async function changeLabels(desk: Desk, number: number, change: LabelChange): Promise<void> {
  const { client } = desk;
  const path = `${client.repository}/issues/${numbered(number)}/labels`;
  const has = await client.get(path, labelsAnswer);
  const missing = change.add.filter((name) => !has.some((label) => isNamed(label, name)));
  if (missing.length > 0) {
    const labels = [...(await labelIds(desk, missing))];
    await client.post(path, { labels } satisfies IssueLabelsOption, 'write');
    const after = new Set((await client.get(path, labelsAnswer)).map(({ id }) => id));
    if (!labels.every((id) => after.has(id)))
      throw unreadable(`POST ${path}`, `labels ${missing.join(', ').slice(0, 200)} are not on it`);
  }
  const gone = has.filter((label) => change.remove.some((name) => isNamed(label, name)));
  for (const { id } of gone) await client.delete(`${path}/${id}`); // an absent one is 204 as well
}

/** Ids of labels by name, without regard to case; a missing one is made in the repository. */
export async function labelIds(desk: Desk, names: readonly string[]): Promise<readonly number[]> {
  if (names.length === 0) return [];
  const known = [...(await repositoryLabels(desk)), ...(await organisationLabels(desk))];
  const ids = new Set<number>();
  for (const name of names) {
    ids.add(known.find((label) => isNamed(label, name))?.id ?? (await makeLabel(desk, name)));
  }
  return [...ids];
}

/** Gitea makes a second one of the same name without a word, so the first of those that are there then counts. */
async function makeLabel(desk: Desk, name: string): Promise<number> {
  const { client } = desk;
  return desk.alone(`label ${name.toLowerCase()}`, async () => {
    const look = async () => (await repositoryLabels(desk)).find((label) => isNamed(label, name))?.id;
    const before = await look();
    if (before !== undefined) return before;
    const option = { name, color: COLOR } satisfies CreateLabelOption;
    await client.post(`${client.repository}/labels`, option, 'write');
    const after = await look();
    if (after === undefined) throw unreadable(`POST ${client.repository}/labels`, 'the new label is not listed');
    return after;
  });
}

async function repositoryLabels({ client }: Desk): Promise<readonly Label[]> {
  const labels = await client.list(`${client.repository}/labels`, labelsAnswer);
  return labels.toSorted((a, b) => a.id - b.id);
}

/** None where the owner is a person, or where the organisation shows its labels to nobody like us. */
async function organisationLabels({ client, connection }: Desk): Promise<readonly Label[]> {
  const path = `/orgs/${segment(connection.place.owner)}/labels`;
  return (await client.list(path, labelsAnswer).catch(unless('not-found', 'forbidden', 'unsupported'))) ?? [];
}

function isNamed(label: Label, name: string): boolean {
  return label.name.toLowerCase() === name.trim().toLowerCase();
}

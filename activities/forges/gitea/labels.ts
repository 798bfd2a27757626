import type { CreateLabelOption, IssueLabelsOption } from 'gitea-js';
import type { LabelChange } from '../issue.ts';
import { unless } from '../http/unless.ts';
import { labelsAnswer } from './answers.ts';
import { numberSegment, segment } from './client.ts';
import { createdOrFound, doneAnyway, type GiteaContext } from './context.ts';
import { unreadableError } from './errors.ts';

/** Gitea requires a colour for a new label. */
const COLOR = '#ededed';

interface Label {
  readonly id: number;
  readonly name: string;
}

/** Sets labels by id: Gitea silently skips a name that is unknown or written in another case. */
export async function changeLabels(gitea: GiteaContext, number: number, change: LabelChange): Promise<void> {
  const { client } = gitea;
  const path = `${client.repository}/issues/${numberSegment(number)}/labels`;
  const has = await client.get(path, labelsAnswer);
  const missing = change.add.filter((name) => !has.some((label) => isNamed(label, name)));
  if (missing.length > 0) await attach(gitea, path, missing);
  for (const { id } of has.filter((label) => change.remove.some((name) => isNamed(label, name)))) {
    const isGone = async () => !(await client.get(path, labelsAnswer)).some((label) => label.id === id);
    await doneAnyway(() => client.delete(`${path}/${id}`), isGone); // an absent one is 204 as well
  }
}

async function attach(gitea: GiteaContext, path: string, names: readonly string[]): Promise<void> {
  const { client } = gitea;
  const { ids, unknown } = await resolve(gitea, names);
  const there = () => client.get(path, labelsAnswer);
  // An organisation may hide its labels from our scopes and still allow them by name.
  if (unknown.length > 0) await client.post(path, { labels: [...unknown] }, 'write').catch(unless('invalid'));
  const left = unknown.length === 0 ? [] : without(await there(), unknown);
  const labels = [...ids];
  for (const name of left) labels.push(await makeLabel(gitea, name));
  if (labels.length === 0) return;
  const areThere = async () => {
    const now = new Set((await there()).map(({ id }) => id));
    return labels.every((id) => now.has(id));
  };
  await doneAnyway(() => client.post(path, { labels } satisfies IssueLabelsOption, 'write'), areThere);
  if (!(await areThere())) throw unreadableError(`POST ${path}`, `${names.join(', ').slice(0, 200)} did not get there`);
}

/** Ids of labels by name, ignoring case; a missing one is made in the repository. */
export async function labelIds(gitea: GiteaContext, names: readonly string[]): Promise<readonly number[]> {
  if (names.length === 0) return [];
  const { ids, unknown } = await resolve(gitea, names);
  const made: number[] = [];
  for (const name of unknown) made.push(await makeLabel(gitea, name));
  return [...new Set([...ids, ...made])];
}

async function resolve(gitea: GiteaContext, names: readonly string[]) {
  const known = [...(await repositoryLabels(gitea)), ...(await organisationLabels(gitea))];
  const ids = names.flatMap((name) => known.find((label) => isNamed(label, name))?.id ?? []);
  return { ids: new Set(ids), unknown: without(known, names) };
}

function without(labels: readonly Label[], names: readonly string[]): readonly string[] {
  return names.filter((name) => !labels.some((label) => isNamed(label, name)));
}

/** Gitea silently makes a second label of the same name, so the first one counts. */
async function makeLabel(gitea: GiteaContext, name: string): Promise<number> {
  const { client } = gitea;
  return gitea.alone(`label ${name.toLowerCase()}`, async () => {
    const look = async () => (await repositoryLabels(gitea)).find((label) => isNamed(label, name))?.id;
    const before = await look();
    if (before !== undefined) return before;
    const option = { name, color: COLOR } satisfies CreateLabelOption;
    const create = () => client.post(`${client.repository}/labels`, option, 'write');
    return (await createdOrFound(create, async () => (await look()) ?? null)).value;
  });
}

async function repositoryLabels({ client }: GiteaContext): Promise<readonly Label[]> {
  const labels = await client.list(`${client.repository}/labels`, labelsAnswer);
  return labels.toSorted((a, b) => a.id - b.id);
}

/** Empty if the owner is a person, or if the organisation hides its labels from us. */
async function organisationLabels({ client, connection }: GiteaContext): Promise<readonly Label[]> {
  const path = `/orgs/${segment(connection.place.owner)}/labels`;
  return (await client.list(path, labelsAnswer).catch(unless('not-found', 'forbidden', 'unsupported'))) ?? [];
}

function isNamed(label: Label, name: string): boolean {
  return label.name.toLowerCase() === name.trim().toLowerCase();
}

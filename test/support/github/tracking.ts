import { Refusal } from './answer.ts';
import type { AccountRecord, EventRecord, IssueRecord, PullRecord } from './state.ts';
import { mayWrite, type World } from './world.ts';

/** What a new issue or pull request is made of. */
export interface NewIssue {
  readonly title: string;
  readonly body: string;
  readonly author: AccountRecord;
  readonly pull: PullRecord | null;
}

/** Files an issue or a pull request under the next number; what it mentions is told so. */
export function addIssue(world: World, { title, body, author, pull }: NewIssue): IssueRecord {
  if (title.length > 256) throw tooLong('Issue', 'title', 256);
  checkBody('Issue', body);
  const number = Math.max(0, ...world.state.issues.keys()) + 1;
  const at = world.now();
  const issue: IssueRecord = {
    id: world.nextId(),
    number,
    title,
    body,
    author,
    state: 'open',
    stateReason: null,
    labels: [],
    assignees: [],
    milestone: null,
    locked: false,
    createdAt: at,
    updatedAt: at,
    editedAt: null,
    closedAt: null,
    comments: [],
    events: [],
    blockedBy: [],
    linked: [],
    pull,
    indexed: false,
  };
  world.state.issues.set(number, issue);
  mention(world, issue, body);
  return issue;
}

/** GitHub's longest text of an issue, a comment or a review. */
export function checkBody(resource: string, body: string): void {
  if (body.length > 65_536) throw tooLong(resource, 'body', 65_536);
}

export function tooLong(resource: string, field: string, most: number): Refusal {
  const message = `${field} is too long (maximum is ${most} characters)`;
  return new Refusal(422, 'Validation Failed', { errors: [{ resource, code: 'custom', field, message }] });
}

export function tell(world: World, issue: IssueRecord, event: Omit<EventRecord, 'id' | 'createdAt'>): void {
  issue.events.push({ ...event, id: world.nextId(), createdAt: world.now() });
  issue.updatedAt = world.now();
}

/** What became of title and body, as GitHub keeps it: the old title in an event, of the body only that it was edited. */
export function editText(
  world: World,
  issue: IssueRecord,
  change: { readonly actor: AccountRecord; readonly title?: string | undefined; readonly body?: string | undefined },
): void {
  const { actor, title, body } = change;
  if (title !== undefined && title !== issue.title) {
    const rename = { from: issue.title, to: title };
    issue.title = title;
    tell(world, issue, { event: 'renamed', actor, rename });
  }
  if (body === undefined || body === issue.body) return;
  issue.body = body;
  issue.editedAt = world.now();
  issue.updatedAt = issue.editedAt;
}

/** Cross-references in the timelines of what a text names; once for each source. */
export function mention(world: World, source: IssueRecord, text: string): void {
  for (const [, digits] of withoutCode(text).matchAll(/(?<![\w&/])(?:#|GH-)(\d{1,9})\b/gi)) {
    const target = world.state.issues.get(Number(digits));
    const isNew = target?.events.every((each) => each.source !== source.number) ?? false;
    if (target === undefined || target === source || !isNew) continue;
    tell(world, target, { event: 'cross-referenced', actor: source.author, source: source.number });
  }
}

/** Numbers that a text closes by GitHub's words, outside of code and hidden comments. */
export function closedBy(text: string): readonly number[] {
  const words = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:#|GH-)(\d{1,9})\b/gi;
  return [...withoutCode(text).matchAll(words)].map(([, digits]) => Number(digits));
}

function withoutCode(text: string): string {
  return text
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/```[\s\S]*?```/g, '')
    .replace(/`[^`\n]*`/g, '');
}

export function close(
  world: World,
  issue: IssueRecord,
  by: { readonly actor: AccountRecord; readonly commit?: string; readonly reason?: IssueRecord['stateReason'] },
): void {
  if (issue.state === 'closed') return;
  issue.state = 'closed';
  issue.stateReason = issue.pull === null ? (by.reason ?? 'completed') : null;
  issue.closedAt = world.now();
  tell(world, issue, { event: 'closed', actor: by.actor, ...(by.commit === undefined ? {} : { commit: by.commit }) });
}

export function reopen(world: World, issue: IssueRecord, actor: AccountRecord): void {
  if (issue.state === 'open') return;
  issue.state = 'open';
  issue.stateReason = 'reopened';
  issue.closedAt = null;
  tell(world, issue, { event: 'reopened', actor });
}

/** Closes what texts on the default branch close. */
export function closeMentioned(
  world: World,
  texts: readonly string[],
  by: { readonly actor: AccountRecord; readonly commit: string },
): void {
  for (const number of texts.flatMap(closedBy)) {
    const issue = world.state.issues.get(number);
    if (issue !== undefined && issue.pull === null) close(world, issue, by);
  }
}

/** Attaches labels; an unknown one is made, as GitHub does for who may write. */
export function addLabels(
  world: World,
  issue: IssueRecord,
  change: { readonly actor: AccountRecord; readonly names: readonly string[] },
): void {
  for (const name of change.names) {
    const label = ensureLabel(world, name);
    if (issue.labels.some((each) => each.toLowerCase() === label.toLowerCase())) continue;
    issue.labels.push(label);
    tell(world, issue, { event: 'labeled', actor: change.actor, label });
  }
}

export function removeLabel(
  world: World,
  issue: IssueRecord,
  change: { readonly actor: AccountRecord; readonly name: string },
): void {
  const label = issue.labels.find((each) => each.toLowerCase() === change.name.toLowerCase());
  if (label === undefined) throw new Refusal(404, 'Label does not exist');
  issue.labels = issue.labels.filter((each) => each !== label);
  tell(world, issue, { event: 'unlabeled', actor: change.actor, label });
}

/** The label of that name, made if there is none; its own spelling. */
export function ensureLabel(world: World, name: string): string {
  const known = world.state.labels.get(name.toLowerCase());
  if (known !== undefined) return known.name;
  if (name.trim() === '') throw invalidLabel('missing_field');
  if (name.length > 50) throw tooLong('Label', 'name', 50);
  world.state.labels.set(name.toLowerCase(), { id: world.nextId(), name, color: 'ededed', description: null });
  return name;
}

export function invalidLabel(code: string): Refusal {
  return new Refusal(422, 'Validation Failed', { errors: [{ resource: 'Label', code, field: 'name' }] });
}

/** An account that may write where its address says so. @throws Refusal 403. */
export function writer(me: AccountRecord): AccountRecord {
  if (!mayWrite(me)) throw new Refusal(403, 'Resource not accessible by personal access token');
  return me;
}

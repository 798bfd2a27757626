import { expect, it } from 'vitest';
import type { Forge } from '../../../../activities/forges/forge.ts';
import type { IssueIdentity } from '../../../../activities/forges/identity.ts';
import { taskKey, textHashOf } from '../../../../activities/forges/key.ts';
import { createLabelled } from './labelled.ts';
import { unique, type Scene } from './stage.ts';

const all = { labels: [], milestone: null, assignee: null, search: null };

/** What a forge does with issues of its own, and what one without any says. */
export function issueBehaviour({ stage, opened }: Scene): void {
  /** Null: this forge keeps no issues, and says so. */
  const keeper = async (): Promise<Forge | null> => {
    const { forge } = stage();
    if ((await forge.capabilities()).issues) return forge;
    const refused = { kind: 'unsupported', message: expect.stringMatching(/plan/) };
    await expect(forge.issues(all)).rejects.toMatchObject(refused);
    await expect(forge.issue(1)).rejects.toMatchObject(refused);
    await expect(forge.ensureIssue('task/x', noDraft)).rejects.toMatchObject(refused);
    return null;
  };
  const numberOf = (issue: IssueIdentity) => issue.number ?? Number.NaN;

  it('thirty-five issues come over all pages, oldest first, by label without case', async () => {
    const forge = await keeper();
    if (!forge) return;
    const label = unique('Paging');
    const made = await createLabelled(forge, { label, count: 35 });
    const found = await forge.issues({ ...all, labels: [label.toLowerCase()] });
    expect(found.map(({ number }) => number)).toEqual(made.toSorted((a, b) => a - b));
    expect(found[0]).toMatchObject({ state: 'open', labels: [label], author: await forge.me() });
  });

  it('a pull request is no issue', async () => {
    const forge = await keeper();
    if (!forge) return;
    const { pull, issue } = await opened();
    const numbers = (await forge.issues(all)).map(({ number }) => number);
    expect(numbers).toContain(numberOf(issue));
    expect(numbers).not.toContain(pull.number);
    await expect(forge.issue(pull.number)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(forge.issue(999_999)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('a label that nobody has is no filter that lets everything through', async () => {
    const forge = await keeper();
    if (!forge) return;
    await stage().newIssue();
    expect(await forge.issues({ ...all, labels: [unique('nowhere')] })).toEqual([]);
  });

  it('words are looked for one by one: all of them, wherever they stand', async () => {
    const forge = await keeper();
    if (!forge) return;
    const [one, two] = [unique('word'), unique('other')];
    const draft = { title: `The ${one} of it`, body: `and the ${two}`, labels: [], blockedBy: [] };
    const { value } = await forge.ensureIssue(taskKey(one), draft);
    await forge.ensureIssue(taskKey(two), { ...draft, title: 'Another', body: two });
    const search = async (text: string) => (await forge.issues({ ...all, search: text })).map(({ number }) => number);
    // A real GitHub finds what was written a while ago.
    await expect.poll(() => search(`${two} ${one}`), { timeout: 90_000 }).toEqual([value.number]);
    expect(await search(`${one} of the`)).toEqual([value.number]);
  });

  it('labels are added once, made where they are missing, and an absent one is removed already', async () => {
    const issue = await stage().newIssue();
    const [one, two] = [unique('One'), unique('two:with/odd, characters')];
    const { forge } = stage();
    await forge.label(issue, { add: [one, two], remove: [] });
    await forge.label(issue, { add: [one.toLowerCase()], remove: [unique('absent')] });
    await forge.label(issue, { add: [], remove: [two, two] });
    const keeps = await keeper();
    if (!keeps) return;
    expect((await keeps.issue(numberOf(issue))).labels).toEqual([one]);
    expect(await keeps.labelSetters(numberOf(issue))).toEqual([
      { label: one, by: await keeps.me(), at: expect.any(Number) },
    ]);
  });

  it('what a task is filed as is one issue, whenever it is asked for', async () => {
    const forge = await keeper();
    if (!forge) return;
    const label = unique('task');
    const draft = { title: 'A task', body: 'Do it.', labels: [label], blockedBy: [] };
    const key = taskKey(label);
    const first = await forge.ensureIssue(key, draft);
    expect(first).toMatchObject({ created: true, value: { title: 'A task', state: 'open', labels: [label] } });
    expect(await forge.ensureIssue(key, draft)).toMatchObject({
      created: false,
      value: { number: first.value.number },
    });
    expect(await forge.issues({ ...all, labels: [label] })).toHaveLength(1);
  });

  it('five that file the same task at once leave one open issue', async () => {
    const forge = await keeper();
    if (!forge) return;
    const label = unique('race');
    const draft = { title: 'A task', body: 'Do it.', labels: [label], blockedBy: [] };
    await Promise.all([1, 2, 3, 4, 5].map(() => forge.ensureIssue(taskKey(label), draft)));
    const last = await forge.ensureIssue(taskKey(label), draft);
    const open = await forge.issues({ ...all, labels: [label] });
    expect(open.map(({ number }) => number)).toEqual([last.value.number]);
  });

  it('the marker of another account is none of ours', async () => {
    const forge = await keeper();
    const { other } = stage();
    if (!forge || !other) return;
    const key = taskKey(unique('pasted'));
    const draft = { title: 'A task', body: 'Do it.', labels: [], blockedBy: [] };
    const theirs = await other.ensureIssue(key, draft);
    const ours = await forge.ensureIssue(key, draft);
    expect(ours.created).toBe(true);
    expect(ours.value.number).not.toBe(theirs.value.number);
  });

  it('open issues that block one are told, closed ones are not', async () => {
    const forge = await keeper();
    if (!forge || !(await forge.capabilities()).dependencies) return;
    const [first, second] = [await stage().newIssue(), await stage().newIssue()];
    const blockedBy = [numberOf(first), numberOf(second)];
    const draft = { title: 'Later', body: 'After both.', labels: [], blockedBy };
    const key = taskKey(unique('later'));
    const { value } = await forge.ensureIssue(key, draft);
    await forge.ensureIssue(key, draft);
    const told = async (of: number) => (await forge.blockedBy(of)).here.toSorted((a, b) => a - b);
    expect(await told(value.number)).toEqual(blockedBy);
    await forge.closeIssue(first, { why: 'completed', because: 'done', sha: null });
    expect(await told(value.number)).toEqual([numberOf(second)]);
    expect(await told(numberOf(second))).toEqual([]);
  });

  it('an issue of any repository is open, closed, or out of sight', async () => {
    const forge = await keeper();
    if (!forge) return;
    const issue = await stage().newIssue();
    const at = { ...placeOf((await forge.issue(numberOf(issue))).url), number: numberOf(issue) };
    expect(await forge.isOpenElsewhere(at)).toBe(true);
    await forge.closeIssue(issue, { why: 'completed', because: 'done', sha: null });
    expect(await forge.isOpenElsewhere(at)).toBe(false);
    expect(await forge.isOpenElsewhere({ ...at, number: 999_999 })).toBeNull();
    expect(await forge.isOpenElsewhere({ ...at, name: unique('nowhere') })).toBeNull();
  });

  it('comments of others are told in their order, ours are not', async () => {
    const forge = await keeper();
    const { other } = stage();
    if (!forge || !other) return;
    const issue = await stage().newIssue();
    await other.ensureComment('said/1', { issue }, 'first');
    await forge.ensureComment('said/1', { issue }, 'ours');
    await other.ensureComment('said/2', { issue }, 'second');
    const comments = await forge.comments(numberOf(issue));
    expect(comments.map(({ body }) => body.split('\n')[0])).toEqual(['first', 'second']);
    expect(comments[0]?.author).toEqual(await other.me());
  });

  it('an account that may write is told from one that nobody knows', async () => {
    const { forge, other } = stage();
    if (!other) return;
    expect(['write', 'admin']).toContain(await forge.permission(await other.me()));
    expect(['none', 'read']).toContain(await forge.permission({ id: '999999', login: unique('nobody') }));
    expect(['none', 'read']).toContain(await forge.permission({ ...(await other.me()), id: '999999' }));
  });

  it('the text of an issue has the hash of what is shown of it', async () => {
    const forge = await keeper();
    if (!forge) return;
    const issue = await stage().newIssue();
    const { textHash } = await forge.readIssue(issue);
    expect(textHash).toBe(textHashOf(await forge.issue(numberOf(issue))));
    expect(await forge.readIssue({ id: 'plan-only', key: unique('plan'), textHash: 'a'.repeat(64) })).toMatchObject({
      state: 'open',
      textHash: null,
      pulls: [],
    });
  });

  it('a pull request of somebody else that closes the issue is told of', async () => {
    const forge = await keeper();
    const { other, remote } = stage();
    if (!forge || !other) return;
    const issue = await stage().newIssue();
    const branch = unique('by-hand');
    const head = await remote.commit(branch, 'by hand', { [`${branch}.txt`]: 'x\n' });
    const body = `Fixes #${issue.id}`;
    const draft = { issue, branch, head, base: 'main', title: 'By hand', body };
    const { value } = await other.ensurePull(unique('hand'), draft);
    const { pulls } = await forge.readIssue(issue);
    expect(pulls).toMatchObject([{ number: value.number, state: 'open', issueKey: null, author: await other.me() }]);
  });

  it('a credential that the forge does not know is refused, by the name of where it was found', async () => {
    const { stranger } = stage();
    if (!stranger) return;
    const refused = { kind: 'auth', status: 401, message: expect.stringMatching(/401.*; asked with \S/) };
    await expect(stranger.me()).rejects.toMatchObject(refused);
    await expect(stranger.issues(all)).rejects.toMatchObject(refused);
  });

  it('what may be done here is told', async () => {
    const { forge } = stage();
    const told = await forge.inspect('main');
    expect(told).toMatchObject({ account: await forge.me(), missing: [], base: { exists: true } });
    expect(['write', 'admin']).toContain(told.permission);
    const { account, permission, scopes, missing, isArchived, hasIssues } = told;
    expect(await forge.access()).toEqual({ account, permission, scopes, missing, isArchived, hasIssues });
    expect(isArchived).toBe(false);
    expect((await forge.inspect('no-such-branch')).base.exists).toBe(false);
  });
}

/** Owner and name in the address of an issue. */
function placeOf(url: string | null): { readonly owner: string; readonly name: string } {
  const [owner = '', name = ''] = new URL(url ?? '').pathname.split('/').slice(1);
  return { owner, name };
}

const noDraft = { title: '', body: '', labels: [], blockedBy: [] };

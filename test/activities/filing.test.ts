import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLookup } from '../../activities/delivery/lookup.ts';
import { createFilingActivities, filedBody } from '../../activities/filing.ts';
import type { Forge } from '../../activities/forges/forge.ts';
import { createGithubForge } from '../../activities/forges/github.ts';
import { createGit } from '../../activities/git/git.ts';
import { createRemoteReader } from '../../activities/git/remote.ts';
import { createRepositories } from '../../activities/repository/repository.ts';
import type { FiledBefore, FiledIssue } from '../../workflows/domain/plan/filing.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { createFakeGithub, type FakeGithub } from '../support/github/fake-github.ts';
import type { Fault } from '../support/github/faults.ts';
import { registerRepository, type RegisteredRepository } from '../support/git/registered-repository.ts';

let github: FakeGithub;
let state: RegisteredRepository;
let plan: string;
beforeEach(async () => {
  github = await createFakeGithub();
  state = await registerRepository();
  const issues = [task('one'), task('two', { labels: ['api'] }), task('known', { number: 1 })];
  plan = (await state.artifacts.put({ version: 1, name: 'plan', issues })).sha256;
});
afterEach(async () => {
  await state.dispose();
  await github.dispose();
});

function task(id: string, facts: Partial<IssueDocument> = {}): IssueDocument {
  return {
    id,
    key: id,
    title: `Do ${id}`,
    body: `Words about ${id}.`,
    priority: 'medium',
    dependencies: [],
    files: [],
    labels: [],
    skip: null,
    textHash: '',
    ...facts,
  };
}

function activities() {
  const forge: Forge = createGithubForge({
    place: github.place,
    credential: { id: '0'.repeat(16), source: 'a test', token: async () => github.token('millrace-bot') },
    pace: { turn: async () => {}, learn: async () => {} },
    remote: createRemoteReader({ mirror: async () => createGit(state.remote.dir), remote: github.remote.dir }),
  });
  const all = createFilingActivities(
    createLookup({ repositories: createRepositories(state.root), forgeFor: async () => forge }),
  );
  const run = <T>(act: (input: never) => Promise<T>, input: object): Promise<T> =>
    new MockActivityEnvironment().run(act as (input: object) => Promise<T>, { ...state.ref, plan, ...input });
  return {
    file: (key: string, blockedBy: readonly number[] = []) => run<FiledIssue>(all.fileIssue, { key, blockedBy }),
    look: () => run<FiledBefore>(all.readFiled, {}),
  };
}

describe('a task of a plan', () => {
  it('is filed with its labels, and with what it depends on in words and for the forge', async () => {
    const { file } = activities();
    const one = await file('one');
    expect(one).toEqual({
      key: 'one',
      number: 1,
      url: expect.stringContaining('/issues/1'),
      state: 'open',
      how: 'filed',
    });
    const two = await file('two', [one.number]);
    expect(github.labels(two.number)).toEqual(['api']);
    expect(github.issue(two.number)).toMatchObject({ title: 'Do two', blockedBy: [one.number] });
    expect(github.issue(two.number).body).toMatch(
      /^Words about two\.\n\nDepends on #1\n\n<!-- millrace-key: task\/two-[0-9a-f]{8} -->\s*$/,
    );
  });

  it('is filed once, however often it is asked for', async () => {
    const { file } = activities();
    const first = await file('one');
    expect(await file('one')).toEqual({ ...first, how: 'adopted' });
    expect(await activities().file('one')).toEqual({ ...first, how: 'adopted' });
  });

  it.each<Fault>([
    { kind: 'reset', moment: 'after' },
    { kind: 'bad-gateway', moment: 'after' },
    { kind: 'truncated', moment: 'after' },
    { kind: 'reset', moment: 'instead' },
    { kind: 'secondary-limit', moment: 'instead' },
  ])('is filed once over a lost answer: %j', async (fault) => {
    github.faults.add({ ...fault, on: 'issues/create' });
    const { file } = activities();
    const filed = await file('one').catch(() => file('one'));
    expect(filed.number).toBe(1);
    expect(() => github.issue(2)).toThrow(/2/);
    expect(github.faults.left).toBe(0);
  });

  it('with the same id and another title is another one', async () => {
    const { file } = activities();
    await file('one');
    plan = (await state.artifacts.put({ version: 1, name: 'next', issues: [task('one', { title: 'Other' })] })).sha256;
    expect(await file('one')).toMatchObject({ number: 2, how: 'filed' });
  });

  it('that has a number is looked at, and missed where there is none', async () => {
    const { look } = activities();
    expect(await look()).toEqual({ issues: [], missing: [{ key: 'known', number: 1 }] });
    github.seedIssue({});
    github.closeIssue(1, 'maintainer');
    const { issues, missing } = await look();
    expect(missing).toEqual([]);
    expect(issues).toMatchObject([{ key: 'known', number: 1, state: 'closed', how: 'known' }]);
  });
});

it('the text of an issue without dependencies is that of its task', () => {
  expect(filedBody({ body: 'Words.\n' }, [])).toBe('Words.');
  expect(filedBody({ body: 'Words.' }, [3, 12])).toBe('Words.\n\nDepends on #3\nDepends on #12');
});

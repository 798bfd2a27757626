import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGithubForge } from '../../../../activities/forges/github.ts';
import { ForgeError } from '../../../../activities/failure/forge-error.ts';
import type { Forge } from '../../../../activities/forges/forge.ts';
import { findingKey, pullKey, reviewKey, statusKey } from '../../../../activities/forges/key.ts';
import { connectTo, type WatchedConnection } from '../../../support/forge/forge-connection.ts';
import { draftFor } from '../../../support/forge/forge-behaviour.ts';
import {
  createFakeGithub,
  type FakeGithub,
  type FaultKind,
  type FaultMoment,
} from '../../../support/github/fake-github.ts';

let fake: FakeGithub;
let watched: WatchedConnection;

beforeAll(async () => {
  fake = await createFakeGithub({ settings: { allowAutoMerge: true } });
  watched = await connectTo({ place: fake.place, token: fake.token('millrace-bot'), remote: fake.remote.dir });
});
afterAll(async () => {
  await watched.dispose();
  await fake.dispose();
});

/** As a worker that was started again: nothing is known. */
const fresh = (): Forge => createGithubForge(watched.connection);

/** Does something until it succeeds, each time by a new worker, as Temporal would. */
async function untilDone<T>(act: (forge: Forge) => Promise<T>): Promise<T> {
  const failures: string[] = [];
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      return await act(fresh());
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error;
      failures.push(`${error.kind}: ${error.message}`);
    }
  }
  throw new Error(`never done: ${failures.join('; ')}`);
}

const newIssue = () => {
  const number = fake.seedIssue({ title: 'Wrong', body: 'Mend it.' });
  return { id: String(number), key: String(number), textHash: 'a'.repeat(64), number };
};

async function opened() {
  const issue = newIssue();
  const draft = await draftFor(fake.remote, issue);
  const pull = (await untilDone((forge) => forge.ensurePull(pullKey(issue.key), draft))).value;
  return { issue, draft, pull };
}

/** Each writing operation of the adapter: what is to be done under the fault, and what there has to be exactly once. */
const writes: Readonly<
  Record<string, () => Promise<{ act: (forge: Forge) => Promise<unknown>; check: () => Promise<void> }>>
> = {
  'issues/create': async () => {
    const key = `task/${newIssue().key}`;
    const draft = { title: `Task ${key}`, body: 'Do it.', labels: [], blockedBy: [] };
    return {
      act: (forge) => forge.ensureIssue(key, draft),
      check: async () => {
        const forge = fresh();
        const all = await forge.issues({ labels: [], milestone: null, assignee: null, search: null });
        expect(all.filter(({ title }) => title === draft.title)).toHaveLength(1);
      },
    };
  },
  'issues/create-comment': async () => {
    const issue = newIssue();
    return {
      act: (forge) => forge.ensureComment(statusKey(issue.key), { issue }, 'Words.'),
      check: async () => expect(fake.comments(issue.number)).toHaveLength(1),
    };
  },
  'issues/update-comment': async () => {
    const issue = newIssue();
    await fresh().ensureComment(statusKey(issue.key), { issue }, 'Old.');
    return {
      act: (forge) => forge.ensureComment(statusKey(issue.key), { issue }, 'New.'),
      check: async () => {
        expect(fake.comments(issue.number)).toHaveLength(1);
        expect(fake.comments(issue.number)[0]?.body).toMatch(/^New\./);
      },
    };
  },
  'issues/add-labels': async () => {
    const issue = newIssue();
    return {
      act: (forge) => forge.label(issue, { add: ['millrace:in-progress'], remove: [] }),
      check: async () => expect(fake.labels(issue.number)).toEqual(['millrace:in-progress']),
    };
  },
  'issues/remove-label': async () => {
    const issue = newIssue();
    fake.addLabel(issue.number, 'maintainer', 'going');
    return {
      act: (forge) => forge.label(issue, { add: [], remove: ['going'] }),
      check: async () => expect(fake.labels(issue.number)).toEqual([]),
    };
  },
  'issues/update': async () => {
    const issue = newIssue();
    return {
      act: (forge) => forge.closeIssue(issue, { why: 'not-planned', because: 'no', sha: null }),
      check: async () => expect(fake.issue(issue.number)).toMatchObject({ state: 'closed' }),
    };
  },
  'pulls/create': async () => {
    const issue = newIssue();
    const draft = await draftFor(fake.remote, issue);
    return {
      act: (forge) => forge.ensurePull(pullKey(issue.key), draft),
      check: async () => {
        const pulls = (await fake.pulls()).filter(({ branch }) => branch === draft.branch);
        expect(pulls).toMatchObject([{ state: 'open', head: draft.head }]);
      },
    };
  },
  'pulls/create-review': async () => {
    const { issue, draft, pull } = await opened();
    const key = reviewKey({ pull: pull.number, sha: draft.head, round: 1 });
    const inline = [{ key: findingKey('f1'), path: `${issue.key}.txt`, line: 2, side: 'new', body: 'Here.' } as const];
    const review = { sha: draft.head, verdict: 'needs-work', body: 'One.', inline } as const;
    return {
      act: (forge) => forge.postReview(key, pull.number, review),
      check: async () => {
        expect(fake.reviews(pull.number)).toHaveLength(1);
        expect(fake.inline(pull.number)).toHaveLength(1);
      },
    };
  },
  graphql: async () => {
    const { issue, draft, pull } = await opened();
    const forge = fresh();
    const inline = [{ key: findingKey('f1'), path: `${issue.key}.txt`, line: 2, side: 'new', body: 'Here.' } as const];
    await forge.postReview('review/x', pull.number, { sha: draft.head, verdict: 'needs-work', body: 'One.', inline });
    const threads = await forge.threads(pull.number);
    return {
      act: (again) =>
        again.answerThreads(
          pull.number,
          threads.map((thread) => ({ key: 'answer/x', thread, body: 'Done.' })),
        ),
      check: async () => {
        expect(fake.inline(pull.number)).toHaveLength(2);
        expect(await fresh().threads(pull.number)).toMatchObject([{ resolved: true }]);
      },
    };
  },
  'repos/create-commit-status': async () => {
    const { draft } = await opened();
    const status = { context: 'millrace/review', state: 'success', text: 'approved' } as const;
    return {
      act: (forge) => forge.setStatus(draft.head, status),
      // One that came late after all is set a second time: what counts is what they say.
      check: async () =>
        expect(new Set(fake.statuses(draft.head).map(({ state }) => state))).toEqual(new Set(['success'])),
    };
  },
  'pulls/merge': async () => {
    const { draft, pull } = await opened();
    const order = { method: 'merge', sha: draft.head, when: 'now', title: 'Land', message: '' } as const;
    const before = await fake.remote.git.run(['rev-list', '--count', 'main']);
    return {
      act: async (forge) => expect(await forge.merge(pull.number, order)).toMatchObject({ kind: 'merged' }),
      check: async () => {
        expect((await fake.pulls()).find(({ number }) => number === pull.number)?.state).toBe('merged');
        expect(Number(await fake.remote.git.run(['rev-list', '--count', 'main']))).toBe(Number(before) + 2);
      },
    };
  },
};

const faults: readonly (readonly [FaultKind, FaultMoment])[] = [
  ['reset', 'instead'],
  ['reset', 'after'],
  ['reset', 'before'],
  ['bad-gateway', 'after'],
  ['bad-gateway', 'before'],
  ['server-error', 'instead'],
  ['truncated', 'after'],
  ['html', 'after'],
  ['html', 'before'],
  ['secondary-limit', 'instead'],
  ['too-many-requests', 'instead'],
];

describe.each(Object.keys(writes))('%s on GitHub', (operation) => {
  it.each(faults)('has its effect once under %s %s', async (kind, moment) => {
    const prepared = await writes[operation]?.();
    if (!prepared) throw new Error(operation);
    fake.faults.add({ kind, moment, on: operation });
    await untilDone(prepared.act);
    expect(fake.faults.left).toBe(0);
    await fake.settled();
    await prepared.check();
    await untilDone(prepared.act); // and whoever does it all again changes nothing
    await prepared.check();
  });
});

describe('the straight path of an issue', () => {
  it('takes six writes', async () => {
    const forge = fresh();
    const issue = newIssue();
    const draft = await draftFor(fake.remote, issue);
    fake.addLabel(newIssue().number, 'maintainer', 'millrace:in-progress'); // the label is there since the first issue
    fake.requests.length = 0;
    await forge.readIssue(issue);
    await forge.label(issue, { add: ['millrace:in-progress'], remove: [] });
    const { value: pull } = await forge.ensurePull(pullKey(issue.key), draft);
    await forge.setStatus(draft.head, { context: 'millrace/review', state: 'success', text: 'approved' });
    const key = reviewKey({ pull: pull.number, sha: draft.head, round: 1 });
    await forge.postReview(key, pull.number, { sha: draft.head, verdict: 'approved', body: 'Good.' });
    await forge.ensureComment(statusKey(issue.key), { issue }, 'approved');
    await forge.label(issue, { add: [], remove: ['millrace:in-progress'] });
    const writing = fake.requests.filter(({ isWrite }) => isWrite).map((request) => request.operation);
    expect(writing).toEqual([
      'issues/add-labels',
      'pulls/create',
      'repos/create-commit-status',
      'pulls/create-review',
      'issues/create-comment',
      'issues/remove-label',
    ]);
    expect(fake.requests.length).toBeLessThanOrEqual(26);
  });

  it('a further round takes three, however many threads it settles', async () => {
    const { issue, draft, pull } = await opened();
    const forge = fresh();
    const inline = Array.from({ length: 3 }, (_, index) => ({
      key: findingKey(`f${index}`),
      path: `${issue.key}.txt`,
      line: index + 1,
      side: 'new' as const,
      body: 'Here.',
    }));
    await forge.postReview('review/1', pull.number, { sha: draft.head, verdict: 'needs-work', body: 'Three.', inline });
    fake.requests.length = 0;
    const threads = await forge.threads(pull.number);
    await forge.setStatus(draft.head, { context: 'millrace/review', state: 'success', text: 'approved' });
    await forge.postReview('review/2', pull.number, { sha: draft.head, verdict: 'approved', body: 'Good.' });
    await forge.answerThreads(
      pull.number,
      threads.map((thread) => ({ key: 'answer/x', thread, body: 'Done.' })),
    );
    const writing = fake.requests.filter(({ isWrite }) => isWrite).map((request) => request.operation);
    expect(writing).toEqual(['repos/create-commit-status', 'pulls/create-review', 'graphql']);
    expect(fake.inline(pull.number)).toHaveLength(6);
  });
});

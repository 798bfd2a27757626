import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Forge } from '../../activities/forges/forge.ts';
import type { IssueIdentity } from '../../activities/forges/identity.ts';
import type { PullDraft } from '../../activities/forges/pull.ts';
import { findingKey, keyIn, pullKey, reviewKey, statusKey, taskKey } from '../../activities/forges/key.ts';
import { allFaults, createFaultProxy, type Fault, type FaultProxy } from '../support/forge/fault-proxy.ts';
import { draftFor, fileOf, unique } from '../support/forge/forge-behaviour/stage.ts';
import { persistently } from '../support/gitea/persistent.ts';
import { giteaAt, type GiteaServer } from '../support/gitea/server.ts';
import { openGiteaStage, type GiteaStage } from '../support/gitea/stage.ts';

const access = inject('gitea');

/** How long seeds are taken one after the other; `MILLRACE_FAULT_SEEDS` sets their number instead. */
const SECONDS = 50;

const wantedSeeds = Number(process.env['MILLRACE_FAULT_SEEDS'] ?? 0);

const firstSeed = Number(process.env['MILLRACE_FAULT_SEED'] ?? 1);

/** A page of a proxy is asked for three times and then ends the work, so it is tried by script alone. */
const seeded = allFaults.filter(({ trouble }) => trouble !== 'html');

interface Told {
  readonly body: string;
  readonly user: { readonly login: string };
}

describe.skipIf(!access)('the Gitea adapter under faults', () => {
  let server: GiteaServer;
  let proxy: FaultProxy;
  let stage: GiteaStage;
  beforeAll(async () => {
    server = await giteaAt(access!);
    proxy = await createFaultProxy(server.url);
    stage = await openGiteaStage(server);
  });
  afterAll(async () => {
    await stage.dispose();
    await proxy.close();
  });

  /** As a new process would see it, through the proxy. */
  const fresh = () => stage.as({ url: proxy.url });
  const path = () => stage.repository.path;

  /** What is really there, read from Gitea without any part of the adapter. */
  const truth = async (issue: IssueIdentity, draft: PullDraft) => {
    const list = <T>(from: string) => server.ask<T[] | null>('admin', `GET ${path()}${from}`).then((all) => all ?? []);
    const pulls = await list<Told & { number: number; state: string; merged: boolean; head: { label: string } }>(
      '/pulls?state=all&limit=50&sort=recentupdate',
    );
    const ours = pulls.filter(({ head, body }) => head.label === draft.branch && keyIn(body) === pullKey(issue.key));
    const number = ours[0]?.number ?? 0;
    const reviews = await list<Told & { state: string; id: number }>(`/pulls/${number}/reviews`);
    const comments = await list<Told>(`/issues/${issue.number}/comments`);
    const remarks = [];
    for (const { id } of reviews) remarks.push(...(await list<Told>(`/pulls/${number}/reviews/${id}/comments`)));
    return { pulls: ours, reviews, comments, answers: remarks.filter(({ body }) => keyIn(body)?.startsWith('in/')) };
  };

  /** What a batch does with one issue, each step by a process of its own. */
  const work = async (issue: IssueIdentity, draft: PullDraft) => {
    const step = <T>(act: (forge: Forge) => Promise<T>) => persistently(() => act(fresh()));
    const key = pullKey(issue.key);
    const status = statusKey(issue.key);
    await step((forge) => forge.label(issue, { add: ['millrace:in-progress'], remove: [] }));
    const { value: pull } = await step((forge) => forge.ensurePull(key, draft));
    await step((forge) => forge.ensureComment(status, { issue }, 'working'));
    const line = { path: fileOf(issue), line: 1, side: 'new', body: 'Why?' } as const;
    const inline = [{ ...line, key: findingKey(`${issue.key}-1`) }];
    const first = reviewKey({ pull: pull.number, sha: draft.head, round: 1 });
    const verdict = { sha: draft.head, verdict: 'needs-work', body: 'Not yet.', inline } as const;
    await step((forge) => forge.postReview(first, pull.number, verdict));
    const sha = await stage.remote.commit(draft.branch, 'mended', { [fileOf(issue)]: `mended ${issue.key}\n` });
    await step((forge) => forge.ensurePull(key, { ...draft, head: sha }));
    const threads = await step((forge) => forge.threads(pull.number));
    const answers = threads.map((thread) => ({ key: `${thread.key}/answer`, thread, body: 'Mended.' }));
    await step((forge) => forge.answerThreads(pull.number, answers));
    const second = reviewKey({ pull: pull.number, sha, round: 2 });
    await step((forge) => forge.postReview(second, pull.number, { sha, verdict: 'approved', body: 'Good.' }));
    await step((forge) => forge.setStatus(sha, { context: 'millrace/review', state: 'success', text: 'approved' }));
    const order = { method: 'merge', sha, when: 'now', title: `Land ${issue.key}`, message: 'Reviewed.' } as const;
    const merge = await step((forge) => forge.merge(pull.number, order));
    await step((forge) => forge.ensureComment(status, { issue }, 'landed'));
    await step((forge) => forge.label(issue, { add: [], remove: ['millrace:in-progress'] }));
    return { pull, sha, merge, first, second };
  };

  it('whatever is lost, there is one pull request, one status comment, one review a key, and no lost commit', async () => {
    const end = Date.now() + SECONDS * 1000;
    let [runs, broken, asked] = [0, 0, 0];
    for (let seed = firstSeed; wantedSeeds > 0 ? runs < wantedSeeds : Date.now() < end; seed += 1) {
      const issue = await stage.newIssue();
      const draft = await draftFor(stage.remote, issue);
      proxy.clear();
      proxy.seed({ seed, percent: 25, faults: seeded });
      const context = `seed ${seed} (MILLRACE_FAULT_SEED=${seed} MILLRACE_FAULT_SEEDS=1)`;
      const done = await work(issue, draft).catch((error: unknown) => {
        throw new Error(`${context}: ${String(error)}`, { cause: error });
      });
      broken += proxy.requests.filter(({ fault }) => fault !== null).length;
      asked += proxy.requests.length;
      runs += 1;
      const { pulls, reviews, comments, answers } = await truth(issue, draft);
      expect(answers, context).toHaveLength(1);
      expect(pulls, context).toMatchObject([{ number: done.pull.number, merged: true }]);
      const ours = comments.filter(({ body }) => keyIn(body) === statusKey(issue.key));
      expect(ours, context).toHaveLength(1);
      expect(ours[0]?.body, context).toMatch(/^landed\n/);
      const keys = reviews.map(({ body }) => keyIn(body)).filter((key) => key?.startsWith('review/'));
      expect(keys, context).toHaveLength(2);
      expect(new Set(keys), context).toEqual(new Set([done.first, done.second]));
      expect(
        reviews.filter(({ state }) => state === 'PENDING'),
        context,
      ).toEqual([]);
      const tip = await stage.remote.tip('main');
      const contains = await stage.remote.git.ask(['merge-base', '--is-ancestor', done.sha, tip]);
      expect(contains.exitCode, context).toBe(0);
      const issueNow = await stage.forge.issue(issue.number ?? 0);
      expect(issueNow.labels, context).toEqual([]);
    }
    process.stderr.write(`${runs} seeded runs: ${broken} of ${asked} requests broken\n`);
    expect(runs).toBeGreaterThan(0);
  }, 300_000);

  const after: readonly Fault[] = allFaults.filter(({ when, trouble }) => when === 'after' && trouble !== 'slow');

  it.each(after)('a pull request whose answer is lost ($trouble) is not opened twice', async (fault) => {
    const issue = await stage.newIssue();
    const draft = await draftFor(stage.remote, issue);
    proxy.clear();
    proxy.script([{ ...fault, request: 'POST *pulls' }]);
    const { value } = await persistently(() => fresh().ensurePull(pullKey(issue.key), draft));
    expect((await truth(issue, draft)).pulls).toMatchObject([{ number: value.number, state: 'open' }]);
    expect(proxy.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it.each(after)('an issue whose answer is lost ($trouble) is not filed twice', async (fault) => {
    proxy.clear();
    proxy.script([{ ...fault, request: 'POST *issues' }]);
    const key = taskKey(unique('lost'));
    const draft = { title: key, body: 'Do it.', labels: [], blockedBy: [] };
    await persistently(() => fresh().ensureIssue(key, draft));
    const all = await server.ask<Told[]>('admin', `GET ${path()}/issues?state=all&type=issues&limit=50`);
    expect(all.filter(({ body }) => keyIn(body) === key)).toHaveLength(1);
  });

  // Each costs Gitea seconds, and the other ends fall together with one of these.
  const ends = after.filter(({ trouble }) => ['reset', 'error-502', 'wordless-500'].includes(trouble));

  it.each(ends)('a merge whose answer is lost ($trouble) is a merge', async (fault) => {
    const issue = await stage.newIssue();
    const draft = await draftFor(stage.remote, issue);
    const { value } = await stage.forge.ensurePull(pullKey(issue.key), draft);
    proxy.clear();
    proxy.script([{ ...fault, request: 'POST *merge' }]);
    const order = { method: 'squash', sha: draft.head, when: 'now', title: 'Land', message: '' } as const;
    expect(await persistently(() => fresh().merge(value.number, order))).toMatchObject({ kind: 'merged' });
    expect((await truth(issue, draft)).pulls).toMatchObject([{ merged: true }]);
  });

  it('an attempt that overlaps with its retry leaves one open pull request', async () => {
    for (let time = 0; time < 3; time += 1) {
      const issue = await stage.newIssue();
      const draft = await draftFor(stage.remote, issue);
      const key = pullKey(issue.key);
      proxy.clear();
      // Each address has a queue of its own, as each process would.
      const other = await createFaultProxy(server.url);
      const both = [fresh(), stage.as({ url: other.url }), stage.forge];
      await Promise.all(both.map((forge) => persistently(() => forge.ensurePull(key, draft))));
      const { value } = await persistently(() => stage.forge.ensurePull(key, draft));
      await other.close();
      const { pulls } = await truth(issue, draft);
      expect(pulls).toMatchObject([{ number: value.number, state: 'open' }]);
      expect(await stage.forge.pulls({ issueKey: issue.key })).toHaveLength(1);
      expect(await stage.forge.pulls({ branch: draft.branch })).toHaveLength(1);
    }
  });

  it('a page of a proxy is no answer, and what was asked for is not taken for absent', async () => {
    const issue = await stage.newIssue();
    const draft = await draftFor(stage.remote, issue);
    proxy.clear();
    const page = { trouble: 'html', when: 'instead', request: 'GET *pulls' } as const;
    proxy.script([page, page, page]);
    await expect(fresh().ensurePull(pullKey(issue.key), draft)).rejects.toMatchObject({ kind: 'response-invalid' });
    expect(proxy.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    proxy.script([page]);
    await expect(fresh().ensurePull(pullKey(issue.key), draft)).resolves.toMatchObject({ created: true });
  });

  it('a limit tells when to ask again, and says it to the limiter', async () => {
    const issue = await stage.newIssue();
    proxy.clear();
    proxy.script([{ trouble: 'limit-429', when: 'instead', request: 'GET *issues/*' }]);
    const limited = { kind: 'rate-limit', status: 429, retryAfterMs: 1000 };
    await expect(fresh().issue(issue.number ?? 0)).rejects.toMatchObject(limited);
    proxy.script([{ trouble: 'secondary-403', when: 'instead', request: 'GET *issues/*' }]);
    await expect(fresh().issue(issue.number ?? 0)).rejects.toMatchObject({ kind: 'rate-limit', retryAfterMs: 60_000 });
  });
});

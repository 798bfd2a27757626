import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGithubForge } from '../../../activities/forges/github.ts';
import type { Forge } from '../../../activities/forges/forge.ts';
import { connectTo, type WatchedConnection } from '../../support/forge/forge-connection.ts';
import {
  createScriptedServer,
  type Asked,
  type Reply,
  type ScriptedServer,
} from '../../support/forge/scripted-server.ts';

let server: ScriptedServer;
let watched: WatchedConnection;
let forge: Forge;

beforeAll(async () => {
  server = await createScriptedServer();
});
beforeEach(async () => {
  const place = { url: server.url, owner: 'o', name: 'r' };
  watched = await connectTo({ place, token: 'sesame-1234', remote: '/no/such/remote' });
  forge = createGithubForge(watched.connection);
  return () => watched.dispose();
});
afterAll(() => server.close());

/** Answers by `METHOD path` below the repository; what has none is 404. */
function routes(table: Readonly<Record<string, Reply | ((asked: Asked) => Reply)>>): void {
  server.script((asked) => {
    const path = asked.path.replace(/^\/api\/v3/, '').replace(/^\/repos\/o\/r/, 'R');
    const found = table[`${asked.method} ${path}`] ?? null;
    return typeof found === 'function' ? found(asked) : found;
  });
}

const us = { id: 7, login: 'bot' };
const them = { id: 8, login: 'them' };
const everything = { labels: [], milestone: null, assignee: null, search: null };

function issueOf(number: number, more: Readonly<Record<string, unknown>> = {}) {
  return {
    id: number + 1000,
    number,
    title: `Issue ${number}`,
    body: 'Words',
    state: 'open',
    labels: [],
    user: them,
    created_at: new Date(Date.UTC(2026, 0, 1, 0, 0, number)).toISOString(),
    html_url: `https://github.com/o/r/issues/${number}`,
    repository_url: `${server.url}/api/v3/repos/o/r`,
    ...more,
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('a request to GitHub', () => {
  it('carries the token, the version and no more than its turn', async () => {
    routes({ 'GET R/issues/1': { body: issueOf(1) }, 'POST R/labels': { status: 201, body: { name: 'x' } } });
    await forge.issue(1);
    const [asked] = server.asked;
    expect(asked?.headers).toMatchObject({
      authorization: 'token sesame-1234',
      accept: expect.stringContaining('json'),
    });
    expect(asked?.headers['user-agent']).toMatch(/^millrace /);
    expect(watched.turns).toEqual(['read']);
  });

  it('takes the turn that it costs', async () => {
    routes({
      'GET /user': { body: us },
      'GET R/issues/1': { body: issueOf(1) },
      'GET R/issues/1/comments': { body: [] },
      'POST R/issues/1/comments': {
        status: 201,
        body: { id: 1, user: us, body: 'x', updated_at: '2026-01-01T00:00:00Z' },
      },
      'PATCH R/issues/1': { body: issueOf(1, { state: 'closed' }) },
      'GET /search/issues': { body: { total_count: 0, incomplete_results: false, items: [] } },
      'POST /api/graphql': {
        body: {
          data: { repository: { pullRequest: { reviewThreads: { pageInfo: { hasNextPage: false }, nodes: [] } } } },
        },
      },
    });
    const issue = { id: '1', key: '1', textHash: '', number: 1 };
    await forge.issues({ ...everything, search: 'x' });
    await forge.closeIssue(issue, { why: 'completed', because: '', sha: null });
    await forge.threads(1);
    await forge.ensureComment('status', { issue }, 'words');
    expect(watched.turns).toEqual(['search', 'read', 'write', 'read', 'read', 'read', 'content', 'read']);
  });

  it('settles many threads at once, and answers them one by one where a token may not change threads', async () => {
    const forbidden = {
      type: 'FORBIDDEN',
      path: ['resolve0'],
      message: 'Resource not accessible by personal access token',
    };
    const ours = (id: number, root: number, key: string) => ({
      id,
      in_reply_to_id: root,
      user: us,
      body: `Done.\n\n<!-- millrace-key: ${key} -->\n`,
    });
    const replies = [ours(20, 11, 'answer/1')];
    routes({
      'GET /user': { body: us },
      'GET R/pulls/1/comments': () => ({ body: replies }),
      'POST /api/graphql': { body: { data: { resolve0: null }, errors: [forbidden] } },
      'POST R/pulls/1/comments/12/replies': () => {
        replies.push(ours(21, 12, 'answer/2'));
        return { status: 201, body: replies.at(-1) };
      },
    });
    const answer = (root: number, key: string) => ({
      key,
      thread: { id: `${root}/T${root}`, resolved: false },
      body: 'Done.',
    });
    const answers = [answer(11, 'answer/1'), answer(12, 'answer/2')];
    await forge.answerThreads(1, answers);
    const sent = server.asked.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body) as unknown);
    expect(sent).toEqual([
      {
        query: expect.stringMatching(/resolve0: .*reply1: .*resolve1: /s),
        variables: { thread0: 'T11', thread1: 'T12', reply1: expect.stringMatching(/^Done\.\n\n<!-- .*answer\/2/) },
      },
      { body: expect.stringMatching(/^Done\.\n\n<!-- .*answer\/2/) },
    ]);
    expect(watched.turns.filter((kind) => kind !== 'read')).toEqual(['content', 'content']);
    await forge.answerThreads(
      1,
      answers.map((each) => ({ ...each, thread: { ...each.thread, resolved: true } })),
    );
    expect(server.asked.filter(({ method }) => method === 'POST')).toHaveLength(2); // all is said and resolved
  });

  it('is answered from memory where nothing changed', async () => {
    let asked = 0;
    routes({
      'GET R/issues/1': ({ headers }) => {
        asked += 1;
        const limit = {
          'x-ratelimit-limit': '5000',
          'x-ratelimit-remaining': String(5000 - asked),
          'x-ratelimit-reset': '4102444800',
        };
        if (headers['if-none-match'] === '"one"') return { status: 304, headers: { ...limit, etag: '"one"' } };
        return { headers: { ...limit, etag: '"one"' }, body: issueOf(1) };
      },
    });
    expect(await forge.issue(1)).toEqual(await forge.issue(1));
    expect(asked).toBe(2);
    expect(watched.learned.map(({ remaining }) => remaining)).toEqual([4999, 4998]);
  });

  it('is not answered from memory by what was no JSON', async () => {
    const broken = JSON.stringify(issueOf(1)).slice(0, 40);
    const etag = '"one"';
    routes({ 'GET R/issues/1': { headers: { etag, 'content-type': 'application/json' }, body: broken } });
    await expect(forge.issue(1)).rejects.toMatchObject({ kind: 'response-invalid' });
    routes({ 'GET R/issues/1': ({ headers }) => (headers['if-none-match'] ? { status: 304 } : { body: issueOf(1) }) });
    expect(await forge.issue(1)).toMatchObject({ number: 1 });
  });

  it('never follows a redirect, which would make a reading of a writing', async () => {
    routes({
      'GET R/issues/1': { body: issueOf(1) },
      'PATCH R/issues/1': { status: 301, headers: { location: `${server.url}/elsewhere` } },
    });
    const issue = { id: '1', key: '1', textHash: '', number: 1 };
    const closing = forge.closeIssue(issue, { why: 'completed', because: '', sha: null });
    await expect(closing).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/renamed or moved.*forge\.repo/),
    });
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).not.toContain('GET /elsewhere');
  });

  it.each(['..', '.', '../../../user'])('is not made with the name %j, which could be another path', async (name) => {
    routes({ 'GET R/issues/1': { body: issueOf(1, { labels: [name] }) } });
    const issue = { id: '1', key: '1', textHash: '', number: 1 };
    const removal = forge.label(issue, { add: [], remove: [name] });
    if (name.includes('/')) await expect(removal).resolves.toBeUndefined(); // encoded it is one name, here an unknown one
    else await expect(removal).rejects.toMatchObject({ kind: 'invalid' });
    const paths = server.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    expect(paths).toEqual(name.includes('/') ? ['/api/v3/repos/o/r/issues/1/labels/..%2F..%2F..%2Fuser'] : []);
  });

  it('for the next page goes to the configured server, wherever the link leads', async () => {
    routes({
      'GET R/issues': ({ query }) => {
        const page = Number(query.get('page') ?? '1');
        const all = range(1, 250).map((number) => issueOf(number, number % 50 === 0 ? { pull_request: {} } : {}));
        const link = `<https://evil.example/api/v3/repos/o/r/issues?page=${page + 1}&per_page=100>; rel="next"`;
        return { headers: page < 3 ? { link } : {}, body: all.slice((page - 1) * 100, page * 100) };
      },
    });
    const issues = await forge.issues(everything);
    expect(issues.map(({ number }) => number)).toEqual(range(1, 250).filter((number) => number % 50 !== 0));
    expect(server.asked.map(({ query }) => query.get('page'))).toEqual([null, '2', '3']);
    expect(server.asked[0]?.query.get('per_page')).toBe('100');
  });

  it('is not repeated by itself, whatever it was', async () => {
    for (const [reply, kind] of [
      [{ status: 502 }, 'server'],
      [{ status: 429, headers: { 'retry-after': '1' } }, 'rate-limit'],
      [{ breaks: 'before' }, 'network'],
    ] as const) {
      routes({ 'GET R/issues/1': reply });
      await expect(forge.issue(1)).rejects.toMatchObject({ name: 'ForgeError', kind });
      expect(server.asked).toHaveLength(1);
    }
  });
});

describe('issues on GitHub', () => {
  it('are filtered by GitHub and once more here', async () => {
    routes({
      'GET R/milestones': { body: [{ number: 3, title: 'Next' }] },
      'GET R/issues': {
        body: [issueOf(2, { labels: [{ name: 'Bug' }] }), issueOf(1, { labels: [{ name: 'other' }] })],
      },
    });
    const found = await forge.issues({ labels: ['bug'], milestone: 'next', assignee: 'ann', search: null });
    expect(found.map(({ number }) => number)).toEqual([2]);
    const asked = server.asked.at(-1)?.query;
    expect(Object.fromEntries(asked ?? [])).toMatchObject({
      state: 'open',
      labels: 'bug',
      milestone: '3',
      assignee: 'ann',
    });
  });

  it('an unknown milestone is told with those that there are', async () => {
    routes({ 'GET R/milestones': { body: [{ number: 3, title: 'Next' }] } });
    const asked = forge.issues({ ...everything, milestone: 'Last' });
    await expect(asked).rejects.toMatchObject({ kind: 'not-found', message: 'no milestone "Last"; there is "Next"' });
  });

  it('are searched for by words, of which none is an operator', async () => {
    routes({ 'GET /search/issues': { body: { total_count: 1, incomplete_results: false, items: [issueOf(5)] } } });
    const found = await forge.issues({ ...everything, search: 'a  crash" repo:other/secret -label:x NOT \\ - is:pr' });
    expect(found.map(({ number }) => number)).toEqual([5]);
    expect(server.asked[0]?.query.get('q')).toBe(
      'repo:o/r is:issue is:open "a" "crash" "repo:other/secret" "-label:x" "NOT" "is:pr"',
    );
    for (const search of ['"', ' \\ - ', 'a '.repeat(100)])
      await expect(forge.issues({ ...everything, search })).rejects.toMatchObject({ kind: 'invalid' });
    expect(server.asked).toHaveLength(1);
  });

  it('are searched for beside labels that a search cannot be asked for', async () => {
    const labels = ['a "b"', 'c, d', 'plain one'];
    const items = [{ ...issueOf(5), labels: labels.map((name) => ({ name })) }, issueOf(6)];
    routes({ 'GET /search/issues': { body: { total_count: 2, incomplete_results: false, items } } });
    const found = await forge.issues({ ...everything, labels, search: 'x' });
    expect(found.map(({ number }) => number)).toEqual([5]);
    expect(server.asked[0]?.query.get('q')).toBe('repo:o/r is:issue is:open "x" label:"plain one"');
  });

  it('more than a search gives are refused', async () => {
    routes({ 'GET /search/issues': { body: { total_count: 1001, incomplete_results: false, items: [] } } });
    await expect(forge.issues({ ...everything, search: 'x' })).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('are blocked by open ones, those of other repositories apart', async () => {
    const other = { repository_url: `${server.url}/api/v3/repos/else/where` };
    const blockers = [issueOf(3), issueOf(2), issueOf(4, { state: 'closed' }), issueOf(5, other)];
    routes({ 'GET R/issues/1/dependencies/blocked_by': { body: blockers } });
    expect(await forge.blockedBy(1)).toEqual({ here: [2, 3], elsewhere: ['else/where#5'] });
    routes({});
    expect(await forge.blockedBy(1)).toEqual({ here: [], elsewhere: [] });
  });

  it('tell who set a label that is still there', async () => {
    const label = (name: string) => ({ name });
    routes({
      'GET R/issues/1/events': {
        body: [
          { event: 'labeled', actor: them, label: label('go'), created_at: '2026-01-01T00:00:01Z' },
          { event: 'closed', actor: them, created_at: '2026-01-01T00:00:02Z' },
          { event: 'labeled', actor: them, label: label('was'), created_at: '2026-01-01T00:00:03Z' },
          { event: 'unlabeled', actor: us, label: label('was'), created_at: '2026-01-01T00:00:04Z' },
          { event: 'labeled', actor: us, label: label('Go'), created_at: '2026-01-01T00:00:05Z' },
        ],
      },
    });
    expect(await forge.labelSetters(1)).toEqual([
      { label: 'Go', by: { id: '7', login: 'bot' }, at: Date.UTC(2026, 0, 1, 0, 0, 5) },
    ]);
  });

  it('a login that somebody else has by now may do nothing', async () => {
    routes({ 'GET R/collaborators/ann/permission': { body: { permission: 'admin', user: { id: 99, login: 'ann' } } } });
    expect(await forge.permission({ id: '98', login: 'ann' })).toBe('none');
    expect(await forge.permission({ id: '99', login: 'ann' })).toBe('admin');
    expect(await forge.permission({ id: '97', login: 'nobody' })).toBe('none');
  });

  it('one that is a pull request is none', async () => {
    routes({ 'GET R/issues/1': { body: issueOf(1, { pull_request: {} }) } });
    await expect(forge.issue(1)).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('the account on GitHub', () => {
  it('of an installation is the bot of its App', async () => {
    routes({
      'GET /user': { status: 403, body: { message: 'Resource not accessible by integration' } },
      'POST /api/graphql': { body: { data: { viewer: { login: 'mill[bot]', databaseId: null } } } },
      'GET /users/mill%5Bbot%5D': { body: { id: 55, login: 'mill[bot]' } },
    });
    expect(await forge.me()).toEqual({ id: '55', login: 'mill[bot]' });
    await forge.me();
    expect(server.asked).toHaveLength(3);
  });
});

describe('what we opened on GitHub', () => {
  it('is read to the end once, and from then on until something known', async () => {
    const key = (name: string) => `Do.\n\n<!-- millrace-key: task/${name} -->`;
    let all = range(1, 250).map((number) => issueOf(number, { user: us, body: key(`t${number}`) }));
    routes({
      'GET /user': { body: us },
      'GET R/issues': ({ query }) => {
        const page = Number(query.get('page') ?? '1');
        const link = `<${server.url}/x?page=${page + 1}>; rel="next"`;
        const newest = all.toReversed().slice((page - 1) * 100, page * 100);
        return { headers: page * 100 < all.length ? { link } : {}, body: newest };
      },
      ...Object.fromEntries(range(1, 251).map((number) => [`GET R/issues/${number}`, { body: issueOf(number) }])),
    });
    const draft = { title: 'T', body: 'Do.', labels: [], blockedBy: [] };
    const lists = () => server.asked.filter(({ path }) => path.endsWith('/issues')).length;
    expect((await forge.ensureIssue('task/t3', draft)).value.number).toBe(3);
    expect(lists()).toBe(3);
    all = [...all, issueOf(251, { user: us, body: key('new') })];
    expect((await forge.ensureIssue('task/new', draft)).value.number).toBe(251);
    expect(lists()).toBe(4);
    expect(server.asked.find(({ path }) => path.endsWith('/issues'))?.query.get('creator')).toBe('bot');
  });
});

describe('CI on GitHub', () => {
  const sha = 'c'.repeat(40);
  const run = (id: number, name: string, more: Readonly<Record<string, unknown>> = {}) => ({
    id,
    name,
    status: 'completed',
    conclusion: 'success',
    app: { slug: 'github-actions' },
    ...more,
  });
  const status = (context: string, state: string) => ({ context, state, description: null, creator: them });
  const branch = { protected: true, protection: { required_status_checks: { contexts: ['lint'] } } };
  const rules = [{ type: 'required_status_checks', parameters: { required_status_checks: [{ context: 'test' }] } }];

  it('is the newest run of each app and name, the newest status of each context, and what the rules demand', async () => {
    routes({
      [`GET R/commits/${sha}/check-runs`]: {
        body: {
          total_count: 6,
          check_runs: [
            run(2, 'test', { conclusion: 'success' }),
            run(1, 'test', { conclusion: 'failure' }),
            run(3, 'test', { app: { slug: 'other' }, conclusion: 'neutral' }),
            run(4, 'lint', { status: 'in_progress', conclusion: null }),
            run(5, 'docs', { conclusion: 'skipped' }),
            run(6, 'millrace/own', { conclusion: 'failure' }),
          ],
        },
      },
      [`GET R/commits/${sha}/statuses`]: {
        body: [status('ext', 'success'), status('ext', 'error'), status('millrace/review', 'failure')],
      },
      'GET R/branches/main': { body: branch },
      'GET R/rules/branches/main': { body: rules },
    });
    const ci = await forge.ci(sha, 'main');
    expect(ci).toMatchObject({ sha, overall: 'pending', complete: true });
    expect(ci.checks.map(({ name, source, state, required, job }) => [name, source, state, required, job])).toEqual([
      ['test', 'check', 'success', true, '2'],
      ['test', 'check', 'success', true, null],
      ['lint', 'check', 'pending', true, '4'],
      ['docs', 'check', 'success', false, '5'],
      ['ext', 'status', 'success', false, null],
    ]);
  });

  it('is not green before what the rules demand has begun', async () => {
    routes({
      [`GET R/commits/${sha}/check-runs`]: { body: { total_count: 1, check_runs: [run(1, 'test')] } },
      [`GET R/commits/${sha}/statuses`]: { body: [] },
      'GET R/branches/main': {
        body: { protected: true, protection: { required_status_checks: { contexts: ['lint', 'millrace/review'] } } },
      },
      'GET R/rules/branches/main': { body: rules },
    });
    const ci = await forge.ci(sha, 'main');
    expect(ci).toMatchObject({ overall: 'pending', complete: true });
    expect(ci.checks.map(({ name, state, required }) => [name, state, required])).toEqual([
      ['test', 'success', true],
      ['lint', 'pending', true],
    ]);
  });

  it('of a token that may not read checks is not complete, and seen by its jobs', async () => {
    routes({
      [`GET R/commits/${sha}/check-runs`]: {
        status: 403,
        body: { message: 'Resource not accessible by personal access token' },
      },
      [`GET R/commits/${sha}/statuses`]: { body: [] },
      'GET R/branches/main': { body: branch },
      'GET R/actions/runs': ({ query }) => ({
        body: { total_count: 1, workflow_runs: query.get('head_sha') === sha ? [{ id: 9 }] : [] },
      }),
      'GET R/actions/runs/9/jobs': {
        body: { total_count: 1, jobs: [{ ...run(21, 'test', { conclusion: 'failure' }), run_id: 9 }] },
      },
    });
    const ci = await forge.ci(sha, 'main');
    expect(ci).toMatchObject({ overall: 'failure', complete: false });
    expect(ci.checks).toMatchObject([{ name: 'test', job: '21', required: null }]);
  });

  const check = { name: 'test', source: 'check', state: 'failure', required: null, url: null, job: '21' } as const;

  it("a job's log comes from another server, without the token, and only its end", async () => {
    const logs = await createScriptedServer();
    logs.script(() => ({ body: `${'é'.repeat(200_000)}the end\n` }));
    routes({ 'GET R/actions/jobs/21/logs': { status: 302, headers: { location: `${logs.url}/signed?sig=x` } } });
    expect(await forge.ciLog(check, 12)).toBe('ééthe end\n');
    expect(await forge.ciLog(check, 11)).toBe('éthe end\n'); // not half of a character
    expect(logs.asked.map(({ headers }) => headers['authorization'])).toEqual([undefined, undefined]);
    await logs.close();
    await expect(forge.ciLog(check, 100)).rejects.toMatchObject({ kind: 'network' });
  });

  it('a log that is gone, or not ours to read, is none', async () => {
    routes({});
    expect(await forge.ciLog(check, 100)).toBeNull();
    expect(await forge.ciLog({ ...check, job: null }, 100)).toBeNull();
    expect(await forge.ciLog({ ...check, job: '../../user' }, 100)).toBeNull();
    expect(server.asked).toHaveLength(1);
  });

  it('failed jobs of one run are started again together, one alone by itself', async () => {
    const job = (id: number, run_id: number) => ({ body: { ...run(id, `job ${id}`), run_id } });
    routes({
      'GET R/actions/jobs/21': job(21, 9),
      'GET R/actions/jobs/22': job(22, 9),
      'GET R/actions/jobs/23': job(23, 10),
      'POST R/actions/runs/9/rerun-failed-jobs': { status: 201, body: {} },
      'POST R/actions/jobs/23/rerun': { status: 201, body: {} },
    });
    expect(await forge.rerun(['21', '22', '23'].map((id) => ({ ...check, job: id })))).toBe(true);
    const posted = server.asked.filter(({ method }) => method === 'POST').map(({ path }) => path.split('/actions/')[1]);
    expect(posted).toEqual(['runs/9/rerun-failed-jobs', 'jobs/23/rerun']);
  });

  it('a job that may not be started again is not, and one that runs already was', async () => {
    const refusal = (message: string): Reply => ({ status: 403, body: { message } });
    const jobs = { 'GET R/actions/jobs/21': { body: { ...run(21, 'test'), run_id: 9 } } };
    routes({ ...jobs, 'POST R/actions/jobs/21/rerun': refusal('Must have admin rights to Repository.') });
    expect(await forge.rerun([check])).toBe(false);
    routes({
      ...jobs,
      'POST R/actions/jobs/21/rerun': refusal('The workflow run containing this job is already running'),
    });
    expect(await forge.rerun([check])).toBe(true);
    expect(await forge.rerun([{ ...check, job: null }])).toBe(false);
  });
});

import { Octokit } from '@octokit/rest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeGithub, type FakeGithub } from '../support/github/fake-github.ts';
import { answered } from '../support/github/exchange.ts';
import { githubContract, type Sent } from '../support/github/contract.ts';
import { operations } from './operations.ts';

const contract = githubContract();
const repository = '/repos/acme/widgets';
const sha = 'a'.repeat(40);

/** What the contract says of a request. */
function problemsOf(
  method: string,
  path: string,
  { query = '', body }: { readonly query?: string; readonly body?: unknown } = {},
) {
  const matched = contract.match(method, path);
  if (matched === null) return ['no operation'];
  const sent: Sent = { query: new URLSearchParams(query), body };
  return contract.request(matched, sent);
}

describe("GitHub's description", () => {
  it('has every operation that is in use, and all of their validators compile', () => {
    expect(contract.operations).toEqual([...operations].toSorted());
    expect(contract.compileAll()).toBeGreaterThan(operations.length * 3);
  });

  it('the fake answers nothing that is not in it', () => {
    expect(answered.filter((id) => !operations.includes(id))).toEqual([]);
  });

  it.each([
    ['POST', '/issues', { body: { title: 'Title', labels: ['a'], milestone: null } }],
    ['POST', '/pulls', { body: { title: 'Title', head: 'acme:b', base: 'main', body: 'Closes #1', draft: false } }],
    ['POST', `/statuses/${sha}`, { body: { state: 'success', context: 'millrace/review', description: 'approved' } }],
    ['PUT', '/pulls/3/merge', { body: { sha, merge_method: 'squash' } }],
    ['PUT', '/pulls/3/merge', {}],
    ['GET', '/pulls', { query: 'state=all&head=acme%3Ab&per_page=100' }],
    ['GET', '/rules/branches/release%2F1', {}],
    ['DELETE', '/issues/3/labels/millrace%3Ain-progress', {}],
  ])('allows %s %s %j', (method, path, sent) => {
    expect(problemsOf(method, repository + path, sent)).toEqual([]);
  });

  it.each([
    ['a field of a wrong type', 'POST', '/issues', { body: { title: 'Title', labels: 'bug' } }, /labels must be array/],
    [
      'a field that it does not know',
      'POST',
      '/pulls',
      { body: { title: 'T', head: 'b', base: 'main', labels: [] } },
      /additionalProperty":"labels/,
    ],
    [
      'a field inside that it does not know',
      'POST',
      '/pulls/3/reviews',
      { body: { comments: [{ path: 'a', body: 'b', new_position: 3 }] } },
      /new_position/,
    ],
    ['a missing field', 'POST', '/pulls', { body: { title: 'T', head: 'b' } }, /missingProperty":"base/],
    [
      'a word that it does not list',
      'POST',
      '/pulls/3/reviews',
      { body: { event: 'APPROVED', body: 'b' } },
      /event must be equal to one of/,
    ],
    [
      'another word',
      'POST',
      `/statuses/${sha}`,
      { body: { state: 'skipped', context: 'ci' } },
      /state must be equal to one of/,
    ],
    ['no body where it wants one', 'POST', '/issues', {}, /the body is missing/],
    ['a body where it knows none', 'GET', '/issues', { body: { state: 'open' } }, /a body where none is known/],
    ['a body that is no JSON', 'POST', '/issues', { body: 'title=Title' }, /must be object/],
    ['a filter that it does not know', 'GET', '/issues', { query: 'label=bug' }, /query label is not known/],
    ['a filter of a wrong type', 'GET', '/issues', { query: 'page=two' }, /query page must be integer/],
    [
      'a filter with a word that it does not list',
      'GET',
      '/pulls',
      { query: 'state=merged' },
      /query state must be equal/,
    ],
    ['a missing filter', 'GET', '/../../search/issues', {}, /no operation/],
    ['a number that is none', 'GET', '/issues/NaN', {}, /path issue_number must be integer/],
    ["Gitea's way to remove a label", 'DELETE', '/issues/3/labels/7/8', {}, /no operation/],
    ["Gitea's way to merge", 'POST', '/pulls/3/merge', { body: { Do: 'merge' } }, /no operation/],
  ] as const)('refuses %s', (_, method, path, sent, problem) => {
    expect(problemsOf(method, repository + path, sent).join('\n')).toMatch(problem);
  });

  it('a search without words is refused', () => {
    expect(problemsOf('GET', '/search/issues')).toEqual(['query q is missing']);
  });
});

describe('an answer', () => {
  let fake: FakeGithub;
  let pull: Record<string, unknown>;
  beforeAll(async () => {
    fake = await createFakeGithub();
    await fake.commit('work', { 'a.txt': 'a\n' });
    const octokit = new Octokit({ baseUrl: fake.apiUrl, auth: fake.token('millrace-bot') });
    pull = (await octokit.pulls.create({ owner: 'acme', repo: 'widgets', head: 'work', base: 'main', title: 'T' }))
      .data as never;
  });
  afterAll(() => fake.dispose());

  it('of the fake is in order', () => {
    expect(contract.answer('pulls/get', 200, pull)).toEqual([]);
  });

  it.each([
    [
      'no sha of its head',
      () => ({ ...pull, head: { ...(pull['head'] as object), sha: undefined } }),
      /head.*missingProperty":"sha/,
    ],
    ['a state that there is not', () => ({ ...pull, state: 'merged' }), /state must be equal to one of/],
    ['a number in words', () => ({ ...pull, number: 'three' }), /number must be integer/],
    ['no body at all', () => undefined, /must be object/],
  ])('with %s is drift', (_, changed, problem) => {
    expect(contract.answer('pulls/get', 200, JSON.parse(JSON.stringify(changed() ?? null))).join('\n')).toMatch(
      problem,
    );
  });

  it('with a status that is not declared is drift, and refusals are possible everywhere', () => {
    expect(contract.answer('pulls/get', 201, pull)).toEqual(['status 201 is not declared']);
    for (const status of [304, 401, 403, 404, 429, 500, 502])
      expect(contract.answer('pulls/merge', status, {})).toEqual([]);
  });
});

describe('the fake', () => {
  let fake: FakeGithub;
  beforeAll(async () => {
    fake = await createFakeGithub();
  });
  afterAll(() => fake.dispose());

  const send = async (path: string, body: unknown) => {
    const headers = { authorization: `token ${fake.token('millrace-bot')}`, 'content-type': 'application/json' };
    const response = await fetch(`${fake.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, text: await response.text() };
  };

  it('answers what the contract does not allow with 500 and the reason, and remembers it', async () => {
    const { status, text } = await send(`/api/v3${repository}/issues`, { title: 'T', lables: ['bug'] });
    expect(status).toBe(500);
    expect(text).toContain('lables');
    expect(fake.takeViolations()).toEqual([expect.stringMatching(/^issues\/create: body .*lables/)]);
  });

  it('does so with a path that GitHub has not', async () => {
    expect((await send(`/api/v3${repository}/issue`, { title: 'T' })).status).toBe(500);
    expect(fake.takeViolations()).toEqual([expect.stringMatching(/is no operation of the contract/)]);
  });

  it.each([
    [
      'a field that GraphQL has not',
      'query { viewer { login shoeSize } }',
      /Cannot query field "shoeSize" on type "User"/,
    ],
    ['a missing argument', 'mutation { resolveReviewThread(input: {}) { thread { id } } }', /threadId.*required/],
    [
      'a variable of a wrong type',
      'query ($n: String!) { repository(owner: "acme", name: "widgets") { pullRequest(number: $n) { id } } }',
      /"\$n" of type "String!"/,
    ],
    ['a text that is no document', 'query {', /Syntax Error/],
    ['a field that the fake has not', 'query { viewer { bio } }', /the fake does not know User.bio/],
  ])('does so with %s', async (_, query, problem) => {
    const { status, text } = await send('/api/graphql', { query, variables: { n: 'x' } });
    expect(status).toBe(500);
    expect(text.replaceAll('\\"', '"')).toMatch(problem);
    expect(fake.takeViolations().join('\n')).toMatch(problem);
  });

  it('does so with a filter that it would ignore itself', async () => {
    const headers = { authorization: `token ${fake.token('millrace-bot')}` };
    const response = await fetch(`${fake.apiUrl}${repository}/issues?mentioned=alice`, { headers });
    expect(response.status).toBe(500);
    expect(fake.takeViolations()).toEqual(['issues/list-for-repo: the fake does not honour query mentioned']);
  });

  it('fails the test that broke the contract, at its end', async () => {
    const other = await createFakeGithub();
    const headers = { authorization: `token ${other.token('millrace-bot')}` };
    await fetch(`${other.apiUrl}${repository}/pulls?state=merged`, { headers });
    await expect(other.dispose()).rejects.toThrow(/pulls\/list: query state/);
  });
});

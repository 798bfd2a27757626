import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGithubForge } from '../../../../../activities/forges/github.ts';
import type { ForgeErrorKind } from '../../../../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../../../../../activities/failure/forge-error.ts';
import type { Forge } from '../../../../../activities/forges/forge.ts';
import { forgeErrorOf } from '../../../../../activities/forges/github/api/errors.ts';
import { connectTo, type WatchedConnection } from '../../../../support/forge/forge-connection.ts';
import { createScriptedServer, type Reply, type ScriptedServer } from '../../../../support/forge/scripted-server.ts';

let server: ScriptedServer;
let watched: WatchedConnection;
let forge: Forge;

beforeAll(async () => {
  server = await createScriptedServer();
  const place = { url: server.url, owner: 'o', name: 'r' };
  watched = await connectTo({ place, token: 'sesame-1234', remote: '/no/such/remote' });
  forge = createGithubForge(watched.connection);
});

afterAll(async () => {
  await server.close();
  await watched.dispose();
});

/** Lets the server answer everything so, and gives what reading one issue throws. */
async function failureOf(reply: Reply, ask: () => Promise<unknown> = () => forge.issue(1)): Promise<ForgeError> {
  server.script(() => reply);
  const error = await ask().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ForgeError);
  return error as ForgeError;
}

const inAnHour = () => String(Math.floor(Date.now() / 1000) + 3600);
const says = (message: string, errors?: unknown) => ({ message, errors, documentation_url: 'https://docs.github.com' });

const table: readonly (readonly [ForgeErrorKind, Reply])[] = [
  ['network', { breaks: 'before' }],
  ['network', { body: { number: 1, title: 'x'.repeat(500) }, breaks: 'within' }],
  ['server', { status: 500, body: says('Server Error') }],
  ['server', { status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' }],
  ['server', { status: 503, body: '' }],
  ['rate-limit', { status: 429, body: says('Too Many Requests') }],
  ['rate-limit', { status: 403, headers: { 'retry-after': '7' }, body: says('Forbidden') }],
  ['rate-limit', { status: 403, body: says('You have exceeded a secondary rate limit.') }],
  ['rate-limit', { status: 403, body: says('You have triggered an abuse detection mechanism.') }],
  ['rate-limit', { status: 403, body: says('API rate limit exceeded for user ID 1.') }],
  ['merge-not-ready', { status: 405, body: says('Base branch was modified. Review and try the merge again.') }],
  ['merge-not-ready', { status: 405, body: says('Please try again later') }],
  ['merge-not-ready', { status: 409, body: says('Base branch was modified. Review and try the merge again.') }],
  ['merge-blocked', { status: 405, body: says('Required status check "ci" is expected.') }],
  ['merge-blocked', { status: 405, body: says('2 of 3 required status checks have not succeeded: 1 expected.') }],
  ['merge-blocked', { status: 405, body: says('Not all required status checks successful') }],
  ['merge-blocked', { status: 405, body: says('At least 1 approving review is required by reviewers.') }],
  ['merge-blocked', { status: 405, body: says('Pull Request is still a draft') }],
  ['merge-blocked', { status: 405, body: says('The head branch is behind the base branch') }],
  ['merge-blocked', { status: 405, body: says('Repository rule violations found') }],
  ['merge-blocked', { status: 405, body: says('You are not allowed to merge') }],
  ['stale-head', { status: 409, body: says('Head branch was modified. Review and try the merge again.') }],
  ['changed', { status: 409, body: says('the issue is already changed') }],
  ['conflict', { status: 409, body: says('Merge conflict') }],
  ['conflict', { status: 412, body: says('already merged') }],
  ['not-mergeable', { status: 405, body: says('Pull Request is not mergeable') }],
  [
    'already-exists',
    { status: 422, body: says('Validation Failed', [{ message: 'A pull request already exists for o:b.' }]) },
  ],
  [
    'already-exists',
    { status: 422, body: says('Validation Failed', [{ resource: 'Label', field: 'name', code: 'already_exists' }]) },
  ],
  [
    'self-review',
    { status: 422, body: says('Unprocessable Entity', ['Review Can not approve your own pull request']) },
  ],
  [
    'self-review',
    { status: 422, body: says('Unprocessable Entity', ['Review Can not request changes on your own pull request']) },
  ],
  ['bad-position', { status: 422, body: says('Unprocessable Entity', ['Line could not be resolved']) }],
  ['bad-position', { status: 422, body: says('Unprocessable Entity', ['Path could not be resolved']) }],
  [
    'bad-position',
    {
      status: 422,
      body: says('Validation Failed', [{ message: 'pull_request_review_thread.line must be part of the diff' }]),
    },
  ],
  ['no-commits', { status: 422, body: says('Validation Failed', [{ message: 'No commits between main and b' }]) }],
  [
    'invalid',
    { status: 422, body: says('Validation Failed', [{ resource: 'PullRequest', field: 'head', code: 'invalid' }]) },
  ],
  ['invalid', { status: 400, body: says('Problems parsing JSON') }],
  ['invalid', { status: 301, headers: { location: '/repositories/1' }, body: says('Moved Permanently') }],
  ['invalid', { status: 307, headers: { location: '/repositories/1' }, body: says('Temporary Redirect') }],
  ['auth', { status: 401, body: says('Bad credentials') }],
  ['forbidden', { status: 403, body: says('Resource not accessible by personal access token') }],
  ['read-only', { status: 403, body: says('Repository was archived so is read-only.') }],
  ['read-only', { status: 423, body: says('Locked') }],
  ['not-found', { status: 404, body: says('Not Found') }],
  ['not-found', { status: 410, body: says('Issues has been disabled in this repository.') }],
  ['unsupported', { status: 451, body: says('Repository access blocked') }],
  ['response-invalid', { body: '<html>Sign in to the proxy</html>' }],
  ['response-invalid', { body: '{"number": 1, "tit', headers: { 'content-type': 'application/json' } }],
  ['response-invalid', { body: {} }],
  ['response-invalid', { status: 204 }],
];

describe("GitHub's answers", () => {
  it.each(table)('are %s: %j', async (kind, reply) => {
    const error = await failureOf(reply);
    expect(error).toMatchObject({ kind, operation: 'GET /repos/o/r/issues/1' });
    expect(error.message).toContain('GET /repos/o/r/issues/1');
    expect(error.message).not.toContain('sesame');
    expect(error.status).toBe(kind === 'network' ? null : (reply.status ?? 200));
  });

  it.each([
    [{ status: 429, headers: { 'retry-after': '12' } }, 12_000],
    [{ status: 403, headers: { 'retry-after': '0' } }, 0],
    [{ status: 429 }, 60_000],
    [{ status: 403, body: says('secondary rate limit') }, 60_000],
    [{ status: 503, headers: { 'retry-after': '30' } }, 30_000],
  ])('say how long to wait: %j is %i ms', async (reply, wait) => {
    expect((await failureOf(reply)).retryAfterMs).toBe(wait);
  });

  it('a used-up hour ends with its reset', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inAnHour(), 'x-ratelimit-limit': '5000' };
    const error = await failureOf({ status: 403, headers, body: says('API rate limit exceeded') });
    expect(error.retryAfterMs).toBeGreaterThan(3_590_000);
    expect(error.retryAfterMs).toBeLessThan(3_602_000);
    expect(watched.learned.at(-1)).toMatchObject({ limit: 5000, remaining: 0, blockedUntil: expect.any(Number) });
  });

  it('say which right or scope is missing', async () => {
    const right = { 'x-accepted-github-permissions': 'checks=read' };
    expect((await failureOf({ status: 403, headers: right, body: says('no') })).message).toContain('needs checks=read');
    const scopes = { 'x-oauth-scopes': 'gist, read:org', 'x-accepted-oauth-scopes': 'repo' };
    const hidden = await failureOf({ status: 404, headers: scopes, body: says('Not Found') });
    expect(hidden.message).toMatch(/has the scopes \[gist, read:org\] and needs one of \[repo\]/);
    const sso = { 'x-github-sso': 'required; url=https://github.com/orgs/x/sso?authorization_request=abc' };
    const single = await failureOf({ status: 403, headers: sso, body: says('Resource protected by SAML') });
    expect(single.message).toContain('single sign-on');
    expect(single.message).not.toContain('authorization_request');
  });

  it('are told with the words in `errors`, on one line', async () => {
    const errors = [
      { message: 'first\n\u202ething' },
      'second',
      { resource: 'PullRequest', field: 'base', code: 'invalid' },
    ];
    const { message } = await failureOf({ status: 422, body: says('Validation Failed', errors) });
    expect(message).toBe(
      'GET /repos/o/r/issues/1: 422 Validation Failed: first thing: second: PullRequest.base invalid',
    );
  });

  it('of a megabyte are cut', async () => {
    expect((await failureOf({ status: 500, body: 'x'.repeat(1_000_000) })).message.length).toBeLessThan(700);
  });
});

describe('GraphQL answers', () => {
  const threads = () => forge.threads(1);
  const me = { id: 1, login: 'bot' };
  const answered = async (reply: Reply) => {
    server.script(({ path }) => (path === '/api/v3/user' ? { body: me } : reply));
    return threads().then(
      () => null,
      (error: unknown) => error,
    );
  };

  it.each([
    ['not-found', { type: 'NOT_FOUND', message: 'Could not resolve to a PullRequest' }],
    ['forbidden', { type: 'FORBIDDEN', message: 'Resource not accessible by integration' }],
    ['invalid', { type: 'UNPROCESSABLE', message: 'Pull request is in clean status' }],
    ['rate-limit', { type: 'RATE_LIMITED', message: 'API rate limit exceeded' }],
    ['server', { message: 'Something went wrong while executing your query' }],
    ['rejected', { type: 'SOMETHING_NEW', message: 'No' }],
  ])('with status 200 are %s: %j', async (kind, error) => {
    const thrown = await answered({ body: { data: { repository: null }, errors: [error] } });
    expect(thrown).toMatchObject({ kind, message: expect.stringContaining(error.message) });
  });

  it.each([
    ['network', { breaks: 'before' }],
    ['auth', { status: 401, body: says('Bad credentials') }],
    ['rate-limit', { status: 403, body: says('You have exceeded a secondary rate limit') }],
    ['server', { status: 502, body: '<html/>' }],
    ['response-invalid', { body: { data: { repository: null } } }],
  ] as const)('without data are %s: %j', async (kind, reply) => {
    expect(await answered(reply)).toMatchObject({ kind });
  });

  it('a bug of ours stays one', () => {
    const bug = new TypeError('undefined is not a function');
    expect(forgeErrorOf(bug, 'GET /x')).toBe(bug);
  });
});

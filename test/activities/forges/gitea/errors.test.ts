import { describe, expect, it } from 'vitest';
import {
  mayBeDone,
  refusedError,
  unansweredError,
  unreadableError,
} from '../../../../activities/forges/gitea/errors.ts';

const json = { 'content-type': 'application/json;charset=utf-8' };

const answer = (line: string, text: string, headers: Readonly<Record<string, string>> = json) => {
  const [method = '', status = ''] = line.split(' ');
  return refusedError({
    operation: `${method} /repos/o/r/x`,
    status: Number(status),
    headers: new Headers(headers),
    text,
  });
};

const said = (message: string) => JSON.stringify({ message, url: 'http://127.0.0.1/api/swagger' });

describe('what Gitea says when it refuses', () => {
  it.each([
    ['GET 400', said('bad'), 'invalid'],
    ['GET 401', said('invalid username, password or token'), 'auth'],
    ['GET 403', said('token does not have at least one of required scope(s), required=[read:issue]'), 'forbidden'],
    ['POST 403', said('You have exceeded a secondary rate limit'), 'rate-limit'],
    ['POST 403', said('repository is archived'), 'read-only'],
    ['GET 404', said('not found'), 'not-found'],
    ['POST 405', said('Please try again later'), 'merge-not-ready'],
    ['POST 405', said('Not all required status checks successful'), 'merge-blocked'],
    ['POST 405', said('Does not have enough approvals'), 'merge-blocked'],
    ['POST 405', said('Work in progress PRs cannot be merged'), 'merge-blocked'],
    ['POST 405', said('The PR is already merged'), 'not-mergeable'],
    ['POST 405', said('squash is not allowed an allowed merge style for this repository'), 'not-mergeable'],
    ['DELETE 405', '', 'unsupported'],
    ['POST 409', said('head out of date'), 'stale-head'],
    ['PATCH 409', said('the issue is already changed'), 'changed'],
    ['POST 409', said('pull request already exists for these targets [id: 1]'), 'already-exists'],
    ['POST 409', said('merge push out of date'), 'merge-not-ready'],
    ['POST 409', JSON.stringify({ conflict: 'rebase' }), 'conflict'],
    ['PATCH 412', said('cannot close this issue because it still has open dependencies'), 'conflict'],
    ['POST 412', said('something else'), 'invalid'],
    ['POST 422', said('approve your own pull is not allowed'), 'self-review'],
    ['POST 422', said('[Body]: Required'), 'invalid'],
    ['POST 423', said('locked'), 'read-only'],
    ['GET 429', '', 'rate-limit'],
    ['POST 500', said(''), 'rejected'],
    ['GET 500', said(''), 'server'],
    ['POST 500', said('database is locked'), 'server'],
    ['GET 301', '', 'invalid'],
    ['GET 451', '', 'unsupported'],
  ])('%s %s is %s', (line, text, kind) => {
    expect(answer(line, text).kind).toBe(kind);
  });

  it('a page instead of an answer is the server or the route, not the thing', () => {
    const html = { 'content-type': 'text/html' };
    expect(answer('POST 502', '<html>Bad Gateway</html>', html).kind).toBe('server');
    expect(answer('POST 404', '404 page not found\n', { 'content-type': 'text/plain' }).kind).toBe('unsupported');
  });

  it('names the operation, the words, the scope, and when it may be tried again', () => {
    const scope = answer('POST 403', said('required=[write:issue], token scope=read:issue'));
    expect(scope.message).toMatch(/^POST \/repos\/o\/r\/x: Gitea answered 403: required=.*lacks the scope write:issue/);
    const later = answer('GET 503', 'busy', { 'retry-after': '7' });
    expect(later).toMatchObject({ kind: 'server', retryAfterMs: 7_000, status: 503, operation: 'GET /repos/o/r/x' });
    const date = new Date(Date.now() + 90_000).toUTCString();
    const waits = answer('GET 429', '', { 'retry-after': date }).retryAfterMs ?? 0;
    expect(waits).toBeGreaterThan(60_000);
    expect(answer('GET 429', '').retryAfterMs).toBe(60_000);
    expect(answer('GET 301', '', { location: 'http://127.0.0.1/o/new' }).message).toMatch(/has moved to .*\/o\/new/);
  });

  it('what is not text of a person does not get into the message', () => {
    const { message } = answer('POST 422', said(`\u001b[31mred\u0000\n${'x'.repeat(10_000)}\u202E`));
    expect(message).not.toMatch(/[\u0000-\u001f\u202E]/);
    expect(message.length).toBeLessThan(500);
  });

  it('knows which ends leave a write in the dark', () => {
    for (const error of [unansweredError('POST /x', new Error('reset')), unreadableError('POST /x', 'html')])
      expect(mayBeDone(error)).toBe(true);
    for (const error of [
      answer('POST 500', said('')),
      answer('POST 502', ''),
      answer('POST 409', said('already exists')),
    ])
      expect(mayBeDone(error)).toBe(true);
    for (const error of [answer('POST 422', said('no')), answer('POST 429', ''), new Error('a bug'), null])
      expect(mayBeDone(error)).toBe(false);
  });
});

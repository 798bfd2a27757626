import { execFileSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMirror, type Mirror } from '../../../activities/git/mirror.ts';
import { pushBranch } from '../../../activities/git/push.ts';
import { git, makeRepository, write, type TestRepository } from '../../support/git/repository.ts';

const branch = 'millrace/7-fix';
const ref = 'refs/millrace/7/1';
let test: TestRepository;
let mirror: Mirror;

beforeEach(async () => {
  test = makeRepository();
  mirror = await openMirror(test.repository);
  await mirror.fetchBase();
});
afterEach(() => test.remove());

/** A commit of the mirror on top of another, kept under a private ref. */
async function work(parent: string, message: string, at = ref): Promise<string> {
  const sha = await mirror.git.run(['commit-tree', '-p', parent, '-m', message, `${parent}^{tree}`]);
  await mirror.git.run(['update-ref', at, sha]);
  return sha;
}
const there = () => git(test.origin, 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`);
const push = (head: string, expected: string | null, more: { ref?: string; branch?: string } = {}) =>
  pushBranch(test.repository, { ref, branch, head, expected, ...more });

describe('pushBranch', () => {
  it('creates, goes on, and is done when it is done already', async () => {
    const first = await work(test.base, 'first');
    await push(first, null);
    await push(first, null);
    expect(there()).toBe(first);
    const second = await work(first, 'second');
    await push(second, first);
    await push(second, first);
    expect(there()).toBe(second);
    expect(git(test.origin, 'for-each-ref', '--format=%(refname)')).toBe(`refs/heads/main\nrefs/heads/${branch}`);
  });

  it('goes on from an earlier push of ours whose answer was lost', async () => {
    const first = await work(test.base, 'first');
    await push(first, null);
    const second = await work(first, 'second', 'refs/millrace/7/2');
    await push(second, null, { ref: 'refs/millrace/7/2' });
    expect(there()).toBe(second);
  });

  it('never takes back what was pushed', async () => {
    const first = await work(test.base, 'first');
    const other = await work(test.base, 'other');
    await mirror.git.run(['update-ref', ref, first]);
    await push(first, null);
    await mirror.git.run(['update-ref', ref, other]);
    const failure = await push(other, first).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'PushRejected', details: { kind: 'push-rejected' } });
    expect(String(failure)).toContain('does not contain');
    expect(there()).toBe(first);
  });

  it('does not push over somebody else’s branch, and says where it is', async () => {
    write(test.user, { 'theirs.txt': 'x' });
    git(test.user, 'add', '.');
    git(test.user, 'commit', '--quiet', '-m', 'theirs');
    git(test.user, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
    const theirs = git(test.user, 'rev-parse', 'HEAD');
    const first = await work(test.base, 'first');
    await expect(push(first, null)).rejects.toThrow(`the branch is at ${theirs}, expected none`);
    await expect(push(first, test.base)).rejects.toMatchObject({ name: 'PushRejected' });
    expect(there()).toBe(theirs);
  });

  it('pushes only what its private ref holds', async () => {
    const first = await work(test.base, 'first');
    const second = await work(first, 'second', 'refs/millrace/7/2');
    await expect(push(second, null)).rejects.toThrow(`${ref} does not hold ${second}`);
    await expect(push(first, null, { ref: 'refs/millrace/7/9' })).rejects.toMatchObject({ name: 'PushRejected' });
    expect(there()).toBe('');
  });

  it('names an unreachable remote, and works when it is back', async () => {
    const first = await work(test.base, 'first');
    renameSync(test.origin, `${test.origin}.away`);
    await expect(push(first, null)).rejects.toMatchObject({ name: 'ForgeUnavailable' });
    renameSync(`${test.origin}.away`, test.origin);
    await push(first, null);
    expect(there()).toBe(first);
  });

  it('hands on the words of a remote that refuses', async () => {
    write(test.origin, { 'hooks/pre-receive': '#!/bin/sh\necho no force today >&2\nexit 1\n' });
    execFileSync('chmod', ['+x', join(test.origin, 'hooks/pre-receive')]);
    const first = await work(test.base, 'first');
    await expect(push(first, null)).rejects.toThrow('no force today');
  });

  it.each([
    'main',
    '--receive-pack=touch x',
    'millrace/x:refs/heads/main',
    'millrace/../main',
    '+millrace/x',
    'millrace/',
  ])('takes no branch called %j', async (name) => {
    const first = await work(test.base, 'first');
    await expect(push(first, null, { branch: name })).rejects.toThrow('not a branch');
    await expect(push('HEAD', null)).rejects.toThrow('not a sha');
    await expect(push(first, null, { ref: 'refs/heads/main' })).rejects.toThrow('not a private ref');
    expect(git(test.origin, 'rev-parse', 'main')).toBe(test.base);
    expect(existsSync(join(test.root, 'x'))).toBe(false);
  });
});

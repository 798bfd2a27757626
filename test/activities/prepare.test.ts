import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createForges } from '../../activities/forges/index.ts';
import { createPrepareActivities } from '../../activities/prepare.ts';
import { createSlots } from '../../activities/host/slots.ts';
import type { Prepared, PrepareInput } from '../../workflows/domain/attempt.ts';
import { acquireLock } from '../../client/state/lock.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { someDocument } from '../support/forge/forge-work.ts';
import { git, makeRepository, write, type TestRepository } from '../support/git/repository.ts';

const branch = 'millrace/7-fix';
const document: IssueDocument = { ...someDocument, id: '7', key: '7', title: 'Fix' };
let test: TestRepository;
beforeEach(() => {
  test = makeRepository();
});
afterEach(() => test.remove());

describe('an issue whose host is lost', () => {
  it('goes on from what that host had published', async () => {
    const head = work();
    git(test.user, 'push', '--quiet', 'origin', `${head}:refs/heads/${branch}`);
    expect(await resume(head)).toMatchObject({ kind: 'ready', branch, base: { start: head } });
    expect(git(test.repository.layout.worktree('7'), 'rev-parse', 'HEAD')).toBe(head);
  });

  it('fails for good, with words, where its work was on that host alone', async () => {
    const error = await resume(work()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({ type: 'WorktreeBroken', nonRetryable: true });
    expect(String(error)).toContain('was not published');
  });
});

/** A commit that only somebody else has. */
function work(): string {
  write(test.user, { 'done.txt': 'done' });
  git(test.user, 'checkout', '--quiet', '-b', 'elsewhere');
  git(test.user, 'add', '--all');
  git(test.user, 'commit', '--quiet', '-m', 'work');
  return git(test.user, 'rev-parse', 'HEAD');
}

async function resume(head: string): Promise<Prepared> {
  const { repository } = test;
  const { prepareIssue } = createPrepareActivities({
    repositories: { open: async () => repository, all: async () => ({ known: [repository], unknown: [] }) },
    forgeFor: createForges({ root: join(test.root, 'pace'), lock: acquireLock }),
    slots: createSlots(1),
    host: 'here',
    log: { warn: () => {} },
  });
  const plan = await repository.artifacts.put({ version: 1, name: 'p', issues: [document] });
  const input: PrepareInput = {
    version: 1,
    issue: { repo: 'test', settings: '', plan: plan.sha256, batch: 'b', id: '7', key: '7' },
    priority: 'medium',
    dependencies: [],
    rerun: false,
    resume: { branch, head },
  };
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(prepareIssue, input);
}

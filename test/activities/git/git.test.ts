import { afterEach, beforeEach, expect, it } from 'vitest';
import { toFailure } from '../../../activities/failure/failure.ts';
import { createGit } from '../../../activities/git/git.ts';
import { GitFailure } from '../../../activities/failure/git-error.ts';
import { openMirror, type Mirror } from '../../../activities/git/mirror.ts';
import { runHere, startProgramsBy } from '../../../activities/process/program.ts';
import { makeRepository, type TestRepository } from '../../support/git/repository.ts';

let test: TestRepository;
let mirror: Mirror;
beforeEach(async () => {
  test = makeRepository();
  mirror = await openMirror(test.repository);
});
afterEach(async () => {
  startProgramsBy((spec) => runHere(spec));
  await test.remove();
});

it.each([
  ['a git that was killed', 'alias.stop=!kill -KILL $PPID', 'ended by SIGKILL'],
  ['a git that is out of time', 'alias.stop=!sleep 30', 'timed out after 300 ms'],
])('%s has not said no', async (_, alias, words) => {
  const git = createGit(test.repository.layout.mirror);
  const question = git.ask(['-c', alias, 'stop'], { timeoutMs: 300 });
  await expect(question).rejects.toMatchObject({ name: 'WorktreeBroken', message: expect.stringContaining(words) });
});

it('a commit is not left out because nobody could be asked', async () => {
  startProgramsBy(async () => ({ exitCode: null, stdout: '', stderr: '', problem: 'no process could be started' }));
  const failed = await mirror.importCommit('1'.repeat(40)).catch((error: unknown) => error);
  expect(failed).not.toBeInstanceOf(GitFailure); // `work-refused` is: such a commit is left out for good
  expect(toFailure(failed)).toMatchObject({ type: 'ForgeUnavailable', nonRetryable: false });
});

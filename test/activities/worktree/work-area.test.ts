import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMirror } from '../../../activities/git/mirror.ts';
import { openWorkArea } from '../../../activities/worktree/work-area.ts';
import { makeRepository, write, type TestRepository } from '../../support/git/repository.ts';

let test: TestRepository;
beforeEach(async () => {
  test = makeRepository({ copy: ['.env'] });
  await (await openMirror(test.repository)).fetchBase();
});
afterEach(() => test.remove());

it('tells what was left out of a worktree, and of its work', async () => {
  const told: unknown[] = [];
  const area = await openWorkArea(test.repository, { warn: (facts: unknown) => void told.push(facts) });
  const base = { branch: 'main', sha: test.base, start: test.base };
  const issue = { repo: 'test', settings: '', plan: '', batch: 'b', id: '7', key: '7' };
  const work = { issue, branch: 'millrace/7-fix', base, head: test.base, attempt: 1 };
  const path = await area.ensureWorktree(work, new AbortController().signal);
  expect(told).toEqual([{ issue: '7', notice: expect.stringContaining('.env is not copied') }]);
  write(path, { 'vendor/lib/.git/HEAD': 'ref: refs/heads/main\n', 'vendor/lib/.git/config': '' });
  write(path, { 'vendor/lib/.git/objects/x': '', 'vendor/lib/.git/refs/x': '' });
  await area.commitWork(work);
  expect(told.at(-1)).toEqual({ issue: '7', notice: expect.stringContaining('vendor/lib/ is left out') });
});

import { join } from 'node:path';
import { openMirror } from '../../../activities/git/mirror.ts';
import { git, write, type TestRepository } from './repository.ts';

/** A commit in the mirror that changes files of `parent` (default: the base), made as a second clone would. */
export async function workInMirror(
  test: TestRepository,
  files: Readonly<Record<string, string>>,
  parent = test.base,
): Promise<string> {
  const mirror = await openMirror(test.repository);
  await mirror.fetchBase();
  const clone = join(test.root, `clone-${Math.random()}`);
  git(test.root, 'clone', '--quiet', test.repository.layout.mirror, clone);
  git(clone, 'fetch', '--quiet', 'origin', '+refs/*:refs/all/*');
  git(clone, 'checkout', '--quiet', '--detach', parent);
  write(clone, files);
  git(clone, 'add', '--all');
  git(clone, 'commit', '--quiet', '-m', `work on ${Object.keys(files).join(' ')}`);
  const sha = git(clone, 'rev-parse', 'HEAD');
  await mirror.git.run(['fetch', '--quiet', clone, `HEAD:refs/millrace/test/${sha}`]);
  return sha;
}

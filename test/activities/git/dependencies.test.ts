import { afterEach, describe, expect, it } from 'vitest';
import { mergeDependencies } from '../../../activities/git/dependencies.ts';
import { openMirror } from '../../../activities/git/mirror.ts';
import { workInMirror } from '../../support/git/mirror-work.ts';
import { git, makeRepository, write, type TestRepository } from '../../support/git/repository.ts';

let test: TestRepository;
afterEach(() => test.remove());
const merge = async (shas: readonly string[]) => mergeDependencies(await openMirror(test.repository), shas);
const work = (files: Readonly<Record<string, string>>, parent?: string) => workInMirror(test, files, parent);

describe('mergeDependencies', () => {
  it('is the one commit there is, or the one that contains the others', async () => {
    test = makeRepository();
    const one = await work({ '1.txt': '1' });
    const two = await work({ '2.txt': '2' }, one);
    expect(await merge([one])).toEqual({ kind: 'merged', sha: one });
    expect(await merge([one, two])).toEqual({ kind: 'merged', sha: two });
    expect(await merge([two, one])).toEqual({ kind: 'merged', sha: two });
  });

  it('fetches what another host has made, and says what is nowhere', async () => {
    test = makeRepository();
    git(test.user, 'checkout', '--quiet', '-b', 'elsewhere');
    write(test.user, { '1.txt': '1' });
    git(test.user, 'add', '--all');
    git(test.user, 'commit', '--quiet', '-m', 'work');
    const sha = git(test.user, 'rev-parse', 'HEAD');
    await expect(merge([sha])).rejects.toThrow(`${sha}, which this work builds on, is neither`);
    git(test.user, 'push', '--quiet', 'origin', `${sha}:refs/heads/millrace/1-one`);
    expect(await merge([sha])).toEqual({ kind: 'merged', sha });
  });

  it('merges several in their order, to the same sha each time', async () => {
    test = makeRepository();
    const shas = [await work({ '1.txt': '1' }), await work({ '2.txt': '2' }), await work({ '3.txt': '3' })];
    const merged = await merge(shas);
    expect(merged.kind).toBe('merged');
    expect(await merge(shas)).toEqual(merged);
    const files = git(test.repository.layout.mirror, 'ls-tree', '--name-only', merged.sha).split('\n');
    expect(files).toEqual(['1.txt', '2.txt', '3.txt', 'README.md', 'src']);
    expect(git(test.repository.layout.mirror, 'rev-parse', `refs/millrace/base/${merged.sha}`)).toBe(merged.sha);
  });

  it('says which one does not merge, and where', async () => {
    test = makeRepository();
    const shas = [await work({ 'src/a.txt': '1' }), await work({ '2.txt': '2' }), await work({ 'src/a.txt': '3' })];
    expect(await merge(shas)).toEqual({
      kind: 'conflict',
      sha: shas[2],
      files: ['src/a.txt'],
    });
  });
});

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Git } from '../../../activities/git/git.ts';

/** Questions to the bare repository that are asked with every request; each answer is git's own. */
export interface Objects {
  /** The commit that a full ref or an id names; null: there is none. */
  commit(name: string): Promise<string | null>;
  /** The tips of branches, asked for at once. */
  tips(branches: Iterable<string>): Promise<ReadonlyMap<string, string | null>>;
  /** Commits of `head` that `base` has not. */
  ahead(base: string, head: string): Promise<number>;
  contains(tip: string, sha: string): Promise<boolean>;
  mergeBase(one: string, other: string): Promise<string | null>;
  /** What merging comes to; null: it conflicts. */
  mergedTree(base: string, head: string): Promise<string | null>;
  /** Unified diff, three lines of context. */
  diff(from: string, to: string): Promise<string>;
  end(): Promise<void>;
}

/** One `git cat-file` for all names, since a process each would be most of a test's time; what ids answer is kept. */
export function createObjects(git: Git): Objects {
  const child = spawn('git', ['cat-file', '--batch-check'], { cwd: git.dir, stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting: ((line: string) => void)[] = [];
  createInterface(child.stdout).on('line', (line) => waiting.shift()?.(line));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kept = new Map<string, Promise<unknown>>();
  const keep = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const known = (kept.get(key) as Promise<T> | undefined) ?? ask();
    kept.set(key, known);
    return known;
  };
  const mergeBase = (one: string, other: string) =>
    keep(`merge-base ${one} ${other}`, () => git.run(['merge-base', one, other]).catch(() => null));

  const commits = (names: readonly string[]): Promise<readonly (string | null)[]> => {
    const asked = names.map((name) => (/[\n\0]/.test(name) || name === '' ? 'none' : name));
    const answers = asked.map(
      () =>
        new Promise<string | null>((resolve) => {
          waiting.push((line) => resolve(/^([0-9a-f]{40}) commit /.exec(line)?.[1] ?? null));
        }),
    );
    child.stdin.write(asked.map((name) => `${name}\n`).join(''));
    return Promise.all(answers);
  };

  return {
    commit: async (name) => (await commits([name]))[0] ?? null,
    async tips(branches) {
      const names = [...new Set(branches)];
      const shas = await commits(names.map((name) => `refs/heads/${name}`));
      return new Map(names.map((name, index) => [name, shas[index] ?? null]));
    },
    ahead: (base, head) =>
      keep(`ahead ${base} ${head}`, async () => Number(await git.run(['rev-list', '--count', `${base}..${head}`]))),
    contains: async (tip, sha) => tip === sha || (await mergeBase(tip, sha)) === sha,
    mergeBase,
    mergedTree: (base, head) =>
      keep(`tree ${base} ${head}`, () =>
        git.run(['merge-tree', '--write-tree', base, head]).then(
          (tree) => tree.split('\n')[0] ?? null,
          () => null,
        ),
      ),
    diff: (from, to) =>
      keep(`diff ${from} ${to}`, () =>
        git.run(['-c', 'core.quotePath=false', 'diff', '--no-color', '--no-ext-diff', '--no-renames', '-U3', from, to]),
      ),
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}

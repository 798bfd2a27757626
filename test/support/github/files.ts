import type { BareRemote } from '../git/bare-remote.ts';

/** Text of each file; null: it is to go. */
export type Files = Readonly<Record<string, string | null>>;

/** A commit that writes files onto a branch by plumbing; a branch that is not there begins at `main`. */
export async function commitOnto(
  remote: BareRemote,
  branch: string,
  { files, message }: { readonly files: Files; readonly message: string },
): Promise<string> {
  const { git } = remote;
  const parent = await remote.tip(branch).catch(() => remote.tip('main'));
  const changes = new Map<string, string>();
  for (const [path, text] of Object.entries(files)) {
    const blob = text === null ? null : await git.run(['hash-object', '-w', '--stdin'], { input: text });
    changes.set(path, blob === null ? '' : blob);
  }
  const tree = await treeWith(remote, `${parent}^{tree}`, changes);
  const sha = await git.run(['commit-tree', '-m', message, '-p', parent, tree]);
  await git.run(['update-ref', `refs/heads/${branch}`, sha]);
  return sha;
}

/** A tree with these blobs in it, folders and all; an empty id takes a file out. */
async function treeWith(
  remote: BareRemote,
  tree: string | null,
  changes: ReadonlyMap<string, string>,
): Promise<string> {
  const { git } = remote;
  const listed = tree === null ? '' : await git.run(['ls-tree', '-z', tree]);
  const entries = new Map(
    listed
      .split('\0')
      .filter((each) => each !== '')
      .map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, line.indexOf('\t'))]),
  );
  const folders = new Map<string, Map<string, string>>();
  for (const [path, blob] of changes) {
    const [name = '', ...rest] = path.split('/');
    if (rest.length > 0) folders.set(name, (folders.get(name) ?? new Map<string, string>()).set(rest.join('/'), blob));
    else if (blob === '') entries.delete(name);
    else entries.set(name, `100644 blob ${blob}`);
  }
  for (const [name, inner] of folders) {
    const known = /^040000 tree ([0-9a-f]+)$/.exec(entries.get(name) ?? '')?.[1];
    entries.set(name, `040000 tree ${await treeWith(remote, known ?? null, inner)}`);
  }
  const input = [...entries].map(([name, what]) => `${what}\t${name}\0`).join('');
  return git.run(['mktree', '-z'], { input });
}

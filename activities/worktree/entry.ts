import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryLayout } from '../../workflows/domain/host/layout.ts';
import type { WorktreePaths } from './record.ts';
import { kindAt, openPlain, readPlain } from '../host/plain-file.ts';
import { toTrash } from './trash.ts';

// Git's own record of a worktree, as gitrepository-layout(5) documents it. It is built aside and shown by one rename,
// so no git process ever sees a half-made one: `worktree add` leaves those behind when it is killed, and they break
// fetch and gc for everybody.

/** Puts an entry for `place` into a folder that is not shown yet; the index is the caller's. */
export async function buildEntry(folder: string, paths: WorktreePaths, head: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'HEAD'), `${head}\n`);
  await writeFile(join(folder, 'gitdir'), `${paths.tree}/.git\n`);
  await writeFile(join(folder, 'commondir'), '../..\n');
  await writeFile(join(folder, 'locked'), `millrace ${paths.key}\n`); // an agent's `worktree prune` spares it
}

/** Shows an entry in place of whatever is there. */
export async function publishEntry(layout: RepositoryLayout, paths: WorktreePaths, folder: string): Promise<void> {
  await mkdir(join(layout.agents, 'worktrees'), { recursive: true });
  await toTrash(layout, paths.admin);
  await rename(folder, paths.admin);
}

/** What a worktree's `.git` file has to say. */
export function gitFile(paths: WorktreePaths): string {
  return `gitdir: ${paths.admin}\n`;
}

/** Whether git can work with it as it stands; says nothing about its commits. */
export async function isWhole(paths: WorktreePaths): Promise<boolean> {
  if ((await kindAt(paths.tree)) !== 'folder' || (await kindAt(paths.admin)) !== 'folder') return false;
  const files = await Promise.all([
    readPlain(join(paths.tree, '.git')),
    readPlain(join(paths.admin, 'gitdir')),
    readPlain(join(paths.admin, 'commondir')),
    readPlain(join(paths.admin, 'locked')),
  ]);
  const [git, gitdir, commondir, locked] = files;
  if (git !== gitFile(paths) || gitdir !== `${paths.tree}/.git\n` || commondir !== '../..\n') return false;
  return locked !== null && !locked.startsWith('initializing') && startsWith(join(paths.admin, 'index'), 'DIRC');
}

/** Gives a tree its `.git` file back, whatever took its place. */
export async function writeGitFile(layout: RepositoryLayout, paths: WorktreePaths): Promise<void> {
  const path = join(paths.tree, '.git');
  if ((await readPlain(path)) === gitFile(paths)) return;
  await toTrash(layout, path);
  await writeFile(path, gitFile(paths), { flag: 'wx' });
}

async function startsWith(path: string, magic: string): Promise<boolean> {
  const file = await openPlain(path);
  if (!file) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(magic.length), 0, magic.length, 0);
    return buffer.toString('latin1') === magic;
  } finally {
    await file.close();
  }
}

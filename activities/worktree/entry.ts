import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryLayout } from '../../workflows/domain/host/layout.ts';
import type { WorktreePaths } from './record.ts';
import { kindAt, openPlain, readPlain } from '../host/plain-file.ts';
import { toTrash } from './trash.ts';

// An entry is git's own record of a worktree, see gitrepository-layout(5). It is built aside and put in place by one
// rename, so that no git process ever sees half of one: a killed `worktree add` leaves such halves behind, and they
// break fetch and gc for everybody.

/** Writes an entry into a folder that is not in place yet; the index is up to the caller. */
export async function buildEntry(folder: string, paths: WorktreePaths, head: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'HEAD'), `${head}\n`);
  await writeFile(join(folder, 'gitdir'), `${paths.tree}/.git\n`);
  await writeFile(join(folder, 'commondir'), '../..\n');
  await writeFile(join(folder, 'locked'), `millrace ${paths.key}\n`); // an agent's `worktree prune` spares it
}

/** Puts an entry in place of whatever is there. */
export async function publishEntry(layout: RepositoryLayout, paths: WorktreePaths, folder: string): Promise<void> {
  await mkdir(join(layout.agents, 'worktrees'), { recursive: true });
  await toTrash(layout, paths.admin);
  await rename(folder, paths.admin);
}

/** What a worktree's `.git` file must say. */
export function gitFile(paths: WorktreePaths): string {
  return `gitdir: ${paths.admin}\n`;
}

/** Whether git can work with the worktree as it stands; its commits are not looked at. */
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

/** Gives a tree its `.git` file back, whatever is there now. */
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

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBare } from '../git/bare.ts';
import { createGit, type Git } from '../git/git.ts';
import type { WorktreePaths } from './record.ts';
import { clearLock } from './lock-file.ts';
import { kindAt, readPlain } from '../host/plain-file.ts';
import { inOrder } from '../host/in-order.ts';
import { looseRef } from '../git/loose-ref.ts';
import { checked, isSha } from '../git/names.ts';
import type { Repository } from '../repository/repository.ts';

/** `agents.git`, bare and not trusted: it owns every worktree and borrows the mirror's objects. We read names from it only. */
export interface AgentsRepository {
  /** Runs a job that changes refs or entries, with no other writer of ours. */
  write<T>(job: () => Promise<T>): Promise<T>;
  /** Sha that a worktree's HEAD names; null when its entry names none. That commit need not exist. */
  headOf(paths: WorktreePaths): Promise<string | null>;
  /** Sha that a branch names; null when there is no such branch. That commit need not exist. */
  tipOf(branch: string): Promise<string | null>;
  /** False also when one of the two does not exist. */
  contains(sha: string, ancestor: string): Promise<boolean>;
  /** Lets a branch name that sha, whatever lies in its way; call it inside `write`. */
  setBranch(branch: string, sha: string): Promise<void>;
  /** Call it inside `write`. */
  deleteBranch(branch: string): Promise<void>;
}

/** With `core.bare` in the common file, one agent's `extensions.worktreeConfig=true` would break all worktrees. */
const ownConfig = '[core]\n\tbare = true\n';

/** The identity is for agents without one of their own; the environment overrides it. */
const config = [
  '[core]\n\trepositoryformatversion = 1\n\tfilemode = true\n',
  '[extensions]\n\tworktreeConfig = true\n',
  '[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n',
  '[user]\n\tname = millrace\n\temail = millrace@localhost\n[commit]\n\tgpgsign = false\n',
].join('');

/** Opens `agents.git`, or makes it; removes hooks and configuration that an agent left there for others. */
export async function openAgents(repository: Repository): Promise<AgentsRepository> {
  const { layout, settings } = repository;
  const exclude = settings.worktree.copy.map((path) => `${excludePattern(path)}\n`).join('');
  const files = {
    HEAD: 'ref: refs/heads/main\n',
    config,
    'config.worktree': ownConfig,
    'info/exclude': exclude,
    'objects/info/alternates': `${join(layout.mirror, 'objects')}\n`,
  };
  const write = <T>(job: () => Promise<T>) => inOrder(`write ${layout.agents}`, job);
  await write(async () => {
    await ensureBare({ dir: layout.agents, trash: layout.trash, files });
    for (const planted of ['hooks', 'info/attributes', 'info/grafts', 'commondir']) {
      const path = join(layout.agents, planted);
      if ((await kindAt(path)) !== 'nothing') await rm(path, { recursive: true, force: true });
    }
  });
  const git = createGit(layout.agents);
  return {
    write,
    headOf: (paths) => headOf(git, paths),
    tipOf: (branch) => shaAt(git, `refs/heads/${checked('branch', branch)}`),
    async contains(sha, ancestor) {
      const args = ['merge-base', '--is-ancestor', checked('sha', ancestor), checked('sha', sha)];
      return (await git.ask(args)).exitCode === 0;
    },
    async setBranch(branch, sha) {
      const ref = `refs/heads/${checked('branch', branch)}`;
      await clearBroken(layout.agents, ref);
      if ((await shaAt(git, ref)) === sha) return;
      const input = `update ${ref} ${checked('sha', sha)}\n`;
      if ((await git.ask(['update-ref', '--stdin'], { input })).exitCode === 0) return;
      await clearWay(git, ref);
      await git.run(['update-ref', '--stdin'], { input });
    },
    async deleteBranch(branch) {
      const ref = `refs/heads/${checked('branch', branch)}`;
      await clearBroken(layout.agents, ref);
      await git.run(['update-ref', '--stdin'], { input: `delete ${ref}\n` });
    },
  };
}

/** A pattern for an exclude file or an `-x` flag that matches this one path. */
export function excludePattern(path: string): string {
  return `/${path.replace(/[\\*?[\]!#\s]/g, '\\$&')}`;
}

/** Not by `rev-parse` in the worktree: the agent can write to its entry, and a pipe there would hang git. */
async function headOf(git: Git, paths: WorktreePaths): Promise<string | null> {
  const text = (await readPlain(join(paths.admin, 'HEAD')))?.trim() ?? '';
  if (isSha(text)) return /[^0]/.test(text) ? text : null;
  const ref = /^ref: (refs\/heads\/[^\0\n\s]+)$/.exec(text)?.[1];
  return ref && !ref.includes('..') ? shaAt(git, ref) : null;
}

async function shaAt(git: Git, ref: string): Promise<string | null> {
  const found = await looseRef(git.dir, ref);
  if (found === 'nothing') return null;
  if (found !== 'unknown') return found.sha;
  const answer = await git.ask(['rev-parse', '--verify', '--quiet', '--end-of-options', ref]);
  return answer.exitCode === 0 && isSha(answer.stdout) ? answer.stdout : null;
}

/** A killed git leaves a lock, a power cut an empty file: git refuses to write over either. */
async function clearBroken(agents: string, ref: string): Promise<void> {
  const path = join(agents, ref);
  if ((await kindAt(`${path}.lock`)) !== 'nothing') await rm(`${path}.lock`, { force: true, recursive: true });
  const kind = await kindAt(path);
  if (kind === 'nothing' || kind === 'folder') return;
  const text = await readPlain(path);
  if (text === null || !isSha(text.trim())) await rm(path, { force: true });
}

/** Removes branches that are named like a folder of ours, or lie below our branch: git cannot hold both. */
async function clearWay(git: Git, ref: string): Promise<void> {
  await clearLock(join(git.dir, 'packed-refs.lock'));
  const above = 'refs/heads/millrace';
  if ((await kindAt(join(git.dir, above))) === 'file') await rm(join(git.dir, above), { force: true });
  const names = await git.run(['for-each-ref', '--format=%(refname)', above]);
  const inTheWay = names.split('\n').filter((name) => name === above || name.startsWith(`${ref}/`));
  await git.run(['update-ref', '--stdin'], { input: inTheWay.map((name) => `delete ${name}\n`).join('') });
}

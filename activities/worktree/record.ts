import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { RepositoryLayout } from '../../workflows/domain/host/layout.ts';
import { readPlain } from '../host/plain-file.ts';
import { checked } from '../git/names.ts';

/** Where the parts of one worktree lie, by our own names for them: never by what git or an agent wrote. */
export interface WorktreePaths {
  readonly key: string;
  /** The folder that an agent works in. */
  readonly tree: string;
  /** Git's entry for it in `agents.git`. */
  readonly admin: string;
  /** The folder of our record of it. */
  readonly record: string;
  /** An index that only we write: the agent's own index proves nothing. */
  readonly index: string;
}

/** What we know of a worktree. */
export interface WorktreeRecord {
  readonly version: 1;
  readonly branch: string;
  /** Where its branch started. */
  readonly start: string;
  /** Its set-up has finished; before that, no agent can have worked in it. */
  readonly ready: boolean;
}

/** The paths of an issue's worktree. */
export function issuePaths(layout: RepositoryLayout, key: string): WorktreePaths {
  return pathsAt(layout, { key, name: checked('key', key), tree: layout.worktree(key) });
}

/** The paths of the throwaway worktree of an issue's review. */
export function reviewPaths(layout: RepositoryLayout, key: string): WorktreePaths {
  return pathsAt(layout, { key, name: `${checked('key', key)}.review`, tree: layout.reviewWorktree(key) });
}

function pathsAt(layout: RepositoryLayout, at: { key: string; name: string; tree: string }): WorktreePaths {
  const record = join(layout.leases, at.name);
  const admin = join(layout.agents, 'worktrees', at.name);
  return { key: at.key, tree: at.tree, admin, record, index: join(record, 'index') };
}

/** Reads a worktree's record; null: there is none, or it cannot be read as one. */
export async function readRecord(paths: WorktreePaths): Promise<WorktreeRecord | null> {
  const text = await readPlain(join(paths.record, 'lease.json'));
  try {
    const record = JSON.parse(text ?? '') as Partial<WorktreeRecord>;
    const { version, branch, start, ready } = record;
    if (version !== 1 || typeof branch !== 'string' || typeof start !== 'string') return null;
    return { version, branch: checked('branch', branch), start: checked('sha', start), ready: ready === true };
  } catch {
    return null;
  }
}

/** Writes a record into its folder, which must exist. */
export async function writeRecord(folder: string, record: WorktreeRecord): Promise<void> {
  await writeFileAtomic(join(folder, 'lease.json'), JSON.stringify(record), { mode: 0o600 });
}

import type { PullRecord } from './state.ts';
import { view } from './views.ts';
import type { World } from './world.ts';

/** One contiguous part of a file's diff. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly text: string;
}

/** Hunks by path, of what a pull request changes: from where it left its base to its head. */
export async function hunksOf(world: World, pull: PullRecord): Promise<ReadonlyMap<string, readonly Hunk[]>> {
  const from = await world.objects.mergeBase(pull.baseSha, pull.head);
  if (from === null) return new Map();
  return parseDiff(await world.objects.diff(from, pull.head));
}

function parseDiff(diff: string): ReadonlyMap<string, readonly Hunk[]> {
  const files = diff.split(/^diff --git /m).slice(1);
  return new Map(files.map((file) => [pathOf(file), hunksIn(file)]));
}

function pathOf(file: string): string {
  const named = /^\+\+\+ b\/(.*?)\t?$/m.exec(file)?.[1] ?? /^--- a\/(.*?)\t?$/m.exec(file)?.[1];
  return named ?? /^a\/(.*) b\/\1$/m.exec(file)?.[1] ?? '';
}

function hunksIn(file: string): readonly Hunk[] {
  return file
    .split(/^(?=@@ )/m)
    .slice(1)
    .map((text) => {
      const [, oldStart, oldLines = '1', newStart, newLines = '1'] =
        /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text) ?? [];
      return {
        oldStart: Number(oldStart),
        oldLines: Number(oldLines),
        newStart: Number(newStart),
        newLines: Number(newLines),
        text,
      };
    });
}

/** The hunk that shows a line of one side; undefined: none does. */
export function hunkAt(hunks: readonly Hunk[], side: 'LEFT' | 'RIGHT', line: number): Hunk | undefined {
  return hunks.find(({ oldStart, oldLines, newStart, newLines }) =>
    side === 'RIGHT' ? line >= newStart && line < newStart + newLines : line >= oldStart && line < oldStart + oldLines,
  );
}

export async function commitFiles(world: World, pull: PullRecord): Promise<readonly unknown[]> {
  const hunks = await hunksOf(world, pull);
  return [...hunks].map(([filename, parts]) => {
    const patch = parts.map((each) => each.text).join('');
    const lines = patch.split('\n');
    const [additions, deletions] = ['+', '-'].map((sign) => lines.filter((each) => each.startsWith(sign)).length);
    const changes = (additions ?? 0) + (deletions ?? 0);
    return view(world, 'diff-entry', { filename, patch, additions, deletions, changes, status: 'modified' });
  });
}

export async function listCommits(world: World, pull: PullRecord): Promise<readonly unknown[]> {
  const listed = await world.remote.git.run(['rev-list', '--reverse', `${pull.baseSha}..${pull.head}`]);
  return listed
    .split('\n')
    .filter((each) => each !== '')
    .map((sha) => commitView(world, sha));
}

export function commitView(world: World, sha: string): Record<string, unknown> {
  return view(world, 'commit', { sha, author: null, committer: null, parents: [] });
}

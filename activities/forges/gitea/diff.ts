import { unquoted } from '../../git/quoted-name.ts';

/** Lines that a diff shows, by path: of the new file and of the old one. */
export interface DiffLines {
  has(place: { readonly path: string; readonly line: number; readonly side: 'new' | 'old' }): boolean;
}

/** Reads a diff as Gitea gives it, since Gitea accepts comments even on lines and paths that do not exist. */
export function linesOf(diff: string): DiffLines {
  const shown = new Set<string>();
  let path = '';
  const at = { old: 0, new: 0 };
  const left = { old: 0, new: 0 };
  for (const line of diff.split('\n')) {
    if (left.old > 0 || left.new > 0) {
      for (const side of sidesOf(line)) {
        shown.add(placeOf(path, side, at[side]));
        at[side] += 1;
        left[side] -= 1;
      }
      continue;
    }
    const file = /^(?:---|\+\+\+) (.*?)\t?$/.exec(line);
    if (file) path = pathIn(file[1] ?? '') ?? path;
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (!hunk) continue;
    [at.old, at.new] = [Number(hunk[1]), Number(hunk[3])];
    [left.old, left.new] = [Number(hunk[2] ?? 1), Number(hunk[4] ?? 1)];
  }
  return { has: (place) => shown.has(placeOf(place.path, place.side, place.line)) };
}

type Side = 'old' | 'new';

/** Which of the two files a line of a hunk belongs to; a context line may have lost its leading blank. */
function sidesOf(line: string): readonly Side[] {
  switch (line[0]) {
    case '+':
      return ['new'];
    case '-':
      return ['old'];
    case '\\':
      return [];
    default:
      return ['old', 'new'];
  }
}

function placeOf(path: string, side: Side, line: number): string {
  return `${side} ${line} ${path}`;
}

/** Null for /dev/null: a removed or new file has the name of its other side. */
function pathIn(name: string): string | null {
  const plain = unquoted(name);
  return plain === '/dev/null' ? null : plain.replace(/^[ab]\//, '');
}

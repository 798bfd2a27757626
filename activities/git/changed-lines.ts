import type { TouchedLines } from '../../workflows/domain/agent/convergence.ts';
import { unquoted } from './quoted-name.ts';
import type { Git } from './git.ts';
import { checked } from './names.ts';

/** Lines that the commits between two shas added or changed, by path; for removed lines, their neighbours. */
export function touchedLines(git: Git, since: string, head: string): Promise<TouchedLines> {
  return changedLines(git, { since, head, context: 0 });
}

/** Ranges of lines of the newer files, by path. */
export type ChangedLines = TouchedLines;

/** The same, with that many unchanged lines around each change. */
export async function changedLines(
  git: Git,
  { since, head, context }: { readonly since: string; readonly head: string; readonly context: number },
): Promise<ChangedLines> {
  const shas = [checked('sha', since), checked('sha', head)];
  const options = [
    `--unified=${context}`,
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--no-renames',
    '--no-prefix',
  ];
  const patch = await git.run(['diff', ...options, '--end-of-options', ...shas]);
  const touched = new Map<string, (readonly [number, number])[]>();
  let [removed, pieces]: [string, (readonly [number, number])[]] = ['', []];
  let content = 0;
  for (const line of patch.split('\n')) {
    // The content of a file may look like a header, perhaps because an agent meant it to.
    if (content > 0 && /^[-+]/.test(line)) {
      content--;
      continue;
    }
    const file = /^(---|\+\+\+) (.*?)\t?$/.exec(line);
    if (file?.[1] === '---') removed = unquoted(file[2] ?? '');
    if (file?.[1] === '+++') {
      const added = unquoted(file[2] ?? '');
      pieces = [];
      touched.set(added === '/dev/null' ? removed : added, pieces);
    }
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk) {
      const first = Number(hunk[2]);
      const count = Number(hunk[3] ?? 1);
      content = Number(hunk[1] ?? 1) + count;
      pieces.push(count === 0 ? [first, first + 1] : [first, first + count - 1]);
    }
  }
  return touched;
}

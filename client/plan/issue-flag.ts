import { UsageError } from '../input/errors.ts';
import { quote } from '../input/text.ts';
import type { Entry, ReadEntry } from './entry.ts';
import { readTaskFile } from './task-file.ts';

/** Longest instructions in a flag, in characters; the kernel's own limit is 128 KB. */
const MAX_LENGTH = 100_000;

/**
 * Reads one `--issue 'id=instructions'`, or `'id=@file'` for a task file, relative to `cwd`.
 * @throws UsageError that names the flag.
 */
export async function readIssueFlag(flag: string, cwd: string): Promise<ReadEntry> {
  const cut = flag.indexOf('=');
  const id = flag.slice(0, cut).trim();
  const rest = flag.slice(cut + 1).trim();
  const where = `--issue ${quote(cut > 0 ? id : flag)}`;
  if (cut < 1 || id === '' || rest === '' || rest === '@') {
    const what = cut < 1 || id === '' ? 'has no id' : 'has no instructions';
    throw new UsageError({ where, what, mend: "write `--issue 'ID=what to do'` or `--issue 'ID=@FILE'`" });
  }
  if (rest.length > MAX_LENGTH) {
    const what = `has ${rest.length} characters; at most ${MAX_LENGTH} are read`;
    throw new UsageError({ where, what, mend: "put them into a file: `--issue 'ID=@FILE'`" });
  }
  if (!rest.startsWith('@')) return { entry: { id, fields: {}, extra: {}, body: rest, at: () => where }, problems: [] };

  const file = rest.slice(1);
  const read = await readTaskFile({ file, folder: cwd, name: file, where, within: null });
  const { source, fields, extra, body } = read;
  const at: Entry['at'] = (field, index) => source.at(index === undefined ? [field] : [field, index]);
  const entry = { id, fields, extra, body, at };
  if (read.id === null || read.id === id) return { entry, problems: read.problems };
  const mend = `write \`--issue '${read.id}=@${file}'\`, or correct the id in the file`;
  return { entry, problems: [...read.problems, { where, what: `${file} is task ${quote(read.id)}`, mend }] };
}

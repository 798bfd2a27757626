import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { accept } from '../input/accept.ts';
import { UsageError, type Problem } from '../input/errors.ts';
import { readText } from '../input/file.ts';
import { quote } from '../input/text.ts';
import { parseYaml, type Source } from '../input/yaml.ts';
import { extraOf, type Extra } from './extra.ts';
import { frontMatterFields, frontMatterSchema, type TaskFields } from './schema.ts';

/** Longest task file in bytes: more than fits into an agent's context. */
const MAX_BYTES = 256 * 1024;

/** A task file, taken apart. */
export interface TaskFile {
  readonly id: string | null;
  readonly fields: TaskFields;
  readonly extra: Extra;
  readonly body: string;
  readonly source: Source;
  /** What the front matter says wrongly; the rest of it is taken. */
  readonly problems: readonly Problem[];
}

/** A file of instructions that a plan names. */
export interface TaskFileRef {
  /** As the plan writes it. */
  readonly file: string;
  /** Folder that it starts from. */
  readonly folder: string;
  /** Its name in messages. */
  readonly name: string;
  /** Where the plan names it. */
  readonly where: string;
  /** Folders that it must lie in, links resolved, since an agent is shown what a plan names. Null: anywhere. */
  readonly within: readonly string[] | null;
}

/** Reads Markdown with or without front matter. @throws UsageError for anything that cannot be read as such a file. */
export async function readTaskFile(ref: TaskFileRef): Promise<TaskFile> {
  const path = resolve(ref.folder, ref.file);
  const text = await readText({ path, name: ref.name, maxBytes: MAX_BYTES, where: ref.where });
  if (ref.within !== null) await refuseOutside(path, ref.within, ref);
  return parseTaskFile(text, ref.name);
}

/** Splits front matter (between two lines `---`) from the Markdown below it. */
function parseTaskFile(text: string, name: string): TaskFile {
  const normal = text.replace(/\r\n?/g, '\n');
  if (!/^---[ \t]*\n/.test(normal)) {
    return { id: null, fields: {}, extra: {}, body: normal, source: parseYaml({ name, text: '' }), problems: [] };
  }
  const close = /\n(---|\.\.\.)[ \t]*(\n|$)/.exec(normal.slice(3));
  if (!close) {
    const mend = 'write a line `---` below it, or start the file with its Markdown';
    throw new UsageError({ where: `${name}:1:1`, what: 'the front matter is not closed', mend });
  }
  // The opening `---` stays: YAML reads it as the start of a document, and line numbers stay right.
  const end = 3 + close.index;
  const source = parseYaml({ name, text: normal.slice(0, end + 1), scalars: 'as-written' });
  const { value, ...accepted } = accept(frontMatterSchema, { ...source, value: source.value ?? {} });
  const { id, ...fields } = value ?? {};
  const body = normal.slice(end + close[0].length);
  return {
    id: id === undefined || id === null ? null : String(id),
    fields,
    extra: extraOf(fields, frontMatterFields),
    body,
    source: accepted.source,
    problems: accepted.problems,
  };
}

async function refuseOutside(path: string, within: readonly string[], ref: TaskFileRef): Promise<void> {
  const real = await realpath(path);
  const inside = within.some((folder) => {
    const way = relative(folder, real);
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  });
  if (inside) return;
  throw new UsageError({
    where: ref.where,
    what: `the task file ${quote(ref.file)} lies outside the plan's folder and the repository`,
    mend: 'put it beside the plan',
  });
}

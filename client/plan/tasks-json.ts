import type { z } from 'zod';
import { accept } from '../input/accept.ts';
import { UsageError } from '../input/errors.ts';
import { readText } from '../input/file.ts';
import { quote } from '../input/text.ts';
import { parseYaml, type Source } from '../input/yaml.ts';
import type { Entry, EntryList } from './entry.ts';
import { extraOf } from './extra.ts';
import { jsonTaskFields, tasksSchema } from './schema.ts';
import type { PlanFile } from './yaml.ts';

/** Longest tasks.json in bytes: it holds the instructions of all issues. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Reads a `tasks.json`: ids as keys, instructions inside. @throws UsageError with line and column. */
export async function readTasksJson(file: PlanFile): Promise<EntryList> {
  const { name } = file;
  const text = await readText({ path: file.path, name, maxBytes: MAX_BYTES });
  const value = parseJson(text, name);
  // JSON is YAML, and our YAML reader refuses duplicate keys, which JSON.parse accepts, and knows each place.
  const written = { ...parseYaml({ name, text }), value };
  const { value: tasks, source, problems } = accept(tasksSchema, written);
  if (tasks !== null && Object.keys(tasks).length === 0 && problems.length === 0) {
    const mend = 'write for example {"fix-login": {"instructions": "Fix the login, with tests."}}';
    throw new UsageError({ where: source.at([]), what: 'there is no issue in it', mend });
  }
  const ids = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return {
    name: null,
    entries: ids.map((id) => entryOf(id, { task: tasks?.[id], source })),
    problems,
    isComplete: tasks !== null,
  };
}

type Task = z.infer<typeof tasksSchema>[string];

/** An issue whose task was refused as a whole still has its id, which others depend on. */
function entryOf(id: string, { task, source }: { readonly task: Task | undefined; readonly source: Source }): Entry {
  const { instructions = null, ...fields } = task ?? {};
  return {
    id,
    fields,
    extra: extraOf(fields, jsonTaskFields),
    body: instructions,
    at(field, index) {
      if (field === 'id') return source.at([id], 'key');
      return source.at(index === undefined ? [id, field] : [id, field, index]);
    },
  };
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError({
      where: `${name}:${positionOf(message, text)}`,
      what: `is not JSON: ${quote(message.replace(/, (\.{3})?".*$/s, ''))}`,
      mend: 'JSON has double quotes only, no comments, and no comma before a closing bracket',
    });
  }
}

/** V8 either tells the offset or quotes up to 10 characters before the token. */
function positionOf(message: string, text: string): string {
  const told = /at position (\d+)/.exec(message)?.[1];
  const excerpt = /, (\.{3})?"(.*)"(\.{3})? is not valid JSON$/s.exec(message);
  const token = /^Unexpected token '?(.)/su.exec(message)?.[1] ?? '';
  const begin = excerpt ? text.indexOf(excerpt[2]!) : -1;
  const quoted = excerpt?.[1] ? begin + 10 : text.indexOf(token, Math.max(begin, 0));
  const offset = told === undefined ? (begin < 0 ? text.length : quoted) : Number(told);
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

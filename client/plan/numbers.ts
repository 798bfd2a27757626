import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import writeFileAtomic from 'write-file-atomic';
import { isMap, isScalar, parseDocument, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { UsageError } from '../input/errors.ts';
import { parseYaml, type Source } from '../input/yaml.ts';

/** The file of a plan, and its name in messages. */
export interface PlanPlace {
  readonly path: string;
  readonly name: string;
}

/** Numbers on the forge, by the ids of tasks. */
export type Numbers = ReadonlyMap<string, number>;

/**
 * Writes `issue: NUMBER` into the tasks of a plan that have none; everything else in the file stays byte for byte.
 * @returns ids that are no longer in the file. @throws UsageError where anything else would have to change.
 */
export async function writeNumbers(file: PlanPlace, numbers: Numbers): Promise<readonly string[]> {
  // Read again: filing takes a while, and somebody may have edited the plan since.
  const text = await readFile(file.path, 'utf8');
  const { text: written, absent } = withNumbers({ name: file.name, text }, numbers);
  if (written !== text) await writeFileAtomic(file.path, written);
  return absent;
}

interface WithNumbers {
  readonly text: string;
  readonly absent: readonly string[];
}

/** The text of a plan with the numbers in it. @throws UsageError like `writeNumbers`. */
export function withNumbers(plan: { readonly name: string; readonly text: string }, numbers: Numbers): WithNumbers {
  const { text, name } = plan;
  const source = parseYaml({ name, text, scalars: 'as-written' });
  const tasks = tasksOf(source);
  const document = parseDocument(text, { uniqueKeys: false, schema: 'core', merge: false });
  const splices: Splice[] = [];
  const expected = structuredClone(source.value);
  for (const [id, number] of numbers) {
    const path = tasks.get(id);
    if (path === undefined || has(valueAt(source.value, path), 'issue')) continue;
    const node = document.getIn(path, true);
    const splice = isMap<Scalar, Scalar | null>(node) ? spliceOf(node, { text, number }) : null;
    if (splice === null) throw impossible(source, path, number);
    splices.push(splice);
    Object.assign(valueAt(expected, path) as object, { issue: String(number) });
  }
  const written = splices.toSorted((a, b) => b.at - a.at).reduce(spliced, text);
  // Proves that the file says what it said before plus the numbers.
  const after = parseYaml({ name, text: written, scalars: 'as-written' });
  if (!isDeepStrictEqual(after.value, expected)) throw impossible(source, [], null);
  return { text: written, absent: [...numbers.keys()].filter((id) => !tasks.has(id)) };
}

/** Path to each task in `plan.yaml` or `tasks.json`, by its id. */
export function tasksOf({ name, value }: Pick<Source, 'name' | 'value'>): ReadonlyMap<string, readonly PropertyKey[]> {
  if (typeof value !== 'object' || value === null) return new Map();
  const normal = (id: unknown) => String(id).normalize('NFC');
  if (name.toLowerCase().endsWith('.json')) return new Map(Object.keys(value).map((id) => [normal(id), [id]]));
  const tasks = 'tasks' in value && Array.isArray(value.tasks) ? (value.tasks as readonly unknown[]) : [];
  return new Map(tasks.map((task, index) => [normal((task as { id?: unknown } | null)?.id), ['tasks', index]]));
}

/** Replaces `remove` characters at `at` by `text`. */
interface Splice {
  readonly at: number;
  readonly remove: number;
  readonly text: string;
}

function spliced(text: string, { at, remove, text: put }: Splice): string {
  return text.slice(0, at) + put + text.slice(at + remove);
}

/** Puts the number below the id (in tasks.json behind the first field), indented and quoted like it. */
function spliceOf(
  task: YAMLMap<Scalar, Scalar | null>,
  { text, number }: { readonly text: string; readonly number: number },
): Splice | null {
  const empty = pairOf(task, 'issue')?.value?.range;
  if (empty) {
    const [at, end] = empty;
    return { at, remove: end - at, text: text[at - 1] === ':' ? ` ${number}` : String(number) };
  }
  const beside = pairOf(task, 'id') ?? task.items[0];
  const [keyAt] = beside?.key.range ?? [];
  const [, end] = beside?.value?.range ?? [];
  if (keyAt === undefined || end === undefined || !task.range) return null;
  const line = `${beside?.key.type === 'QUOTE_DOUBLE' ? '"issue"' : 'issue'}: ${number}`;
  if (task.flow === true) {
    const gap = text.slice(task.range[0] + 1, task.items[0]?.key.range?.[0]);
    return { at: end, remove: 0, text: `,${/^\s+$/.test(gap) ? gap : ' '}${line}` };
  }
  const indent = ' '.repeat(keyAt - (text.lastIndexOf('\n', keyAt - 1) + 1));
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  if (text[end - 1] === '\n') return { at: end, remove: 0, text: `${indent}${line}${eol}` };
  const next = text.indexOf('\n', end);
  if (next < 0) return { at: text.length, remove: 0, text: `${eol}${indent}${line}` };
  return { at: next + 1, remove: 0, text: `${indent}${line}${eol}` };
}

function pairOf(task: YAMLMap<Scalar, Scalar | null>, name: string): Pair<Scalar, Scalar | null> | undefined {
  return task.items.find(({ key }) => isScalar(key) && key.value === name);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((at: unknown, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part], value);
}

function has(task: unknown, field: string): boolean {
  return typeof task === 'object' && task !== null && ((task as Record<string, unknown>)[field] ?? null) !== null;
}

function impossible(source: Source, path: readonly PropertyKey[], number: number | null): UsageError {
  return new UsageError({
    where: source.at(path),
    what: 'is written in a way that numbers cannot be added without changing more of it',
    mend: `write them yourself, \`issue: ${number ?? 'NUMBER'}\` in each task; the same command again lists them`,
  });
}

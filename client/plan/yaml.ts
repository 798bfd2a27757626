import { dirname, join } from 'node:path';
import pMap from 'p-map';
import { collect, UsageError, type Problem } from '../input/errors.ts';
import { readText } from '../input/file.ts';
import { closest } from '../input/suggest.ts';
import { quote } from '../input/text.ts';
import { validate } from '../input/validate.ts';
import { parseYaml, type Source } from '../input/yaml.ts';
import type { Entry, EntryField, EntryList } from './entry.ts';
import { extraOf } from './extra.ts';
import { planSchema, planTaskFields, type TaskFields, type WrittenPlan } from './schema.ts';
import { readTaskFile, type TaskFile } from './task-file.ts';

/** Longest plan.yaml: 10,000 issues with a line for each of their fields. */
const MAX_BYTES = 1024 * 1024;

/** Task files read at once; more only wait for the disk. */
const PARALLEL = 16;

/** A plan file on disk. */
export interface PlanFile {
  readonly path: string;
  /** How it is called in messages. */
  readonly name: string;
  /** Folders that task files have to lie in, links resolved. */
  readonly within: readonly string[];
}

type Task = WrittenPlan['tasks'][number];

/** Reads a `plan.yaml` and the task files that it names. @throws UsageError with the problems of all of them. */
export async function readPlanYaml(file: PlanFile): Promise<EntryList> {
  const text = await readText({ path: file.path, name: file.name, maxBytes: MAX_BYTES });
  const source = parseYaml({ name: file.name, text, scalars: 'as-written' });
  const plan = parsePlan(source);
  const problems: Problem[] = [];
  const entries: Entry[] = [];
  const read = async (task: Task, index: number) => {
    const own: Problem[] = [];
    const entry = await collect(own, () => entryOf(task, { file, source, index }));
    return { entry, own };
  };
  // In the order of the plan, whichever file was read first.
  for (const { entry, own } of await pMap(plan.tasks, read, { concurrency: PARALLEL })) {
    problems.push(...own);
    if (entry !== null) entries.push(entry);
  }
  if (problems.length > 0) throw new UsageError(problems);
  return { name: plan.metadata?.name ?? null, entries };
}

function parsePlan(source: Source): WrittenPlan {
  const { value } = source;
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, 'tasks')) {
    const typo = closest('tasks', Object.keys(value));
    if (typo !== null) {
      const what = `unknown key ${quote(typo)}, and there is no \`tasks\``;
      throw new UsageError({ where: source.at([typo], 'key'), what, mend: 'did you mean "tasks"?' });
    }
  }
  return validate(planSchema, source);
}

interface TaskPlace {
  readonly file: PlanFile;
  readonly source: Source;
  readonly index: number;
}

async function entryOf(task: Task, place: TaskPlace): Promise<Entry> {
  const id = String(task.id);
  const inPlan = (...path: readonly PropertyKey[]) => place.source.at(['tasks', place.index, ...path]);
  const { file: name, instructions, body, ...planned } = task;
  const given = [name, instructions, body].filter((each) => each !== undefined && each !== null);
  if (given.length !== 1) {
    throw new UsageError({
      where: inPlan(),
      what: `task ${quote(id)} has ${given.length === 0 ? 'no text' : 'more than one text'}`,
      mend: 'give it either `file: tasks/NAME.md` or `instructions: what to do`',
    });
  }
  const read = name ? await readTask({ id, name, where: inPlan('file') }, place) : null;
  return {
    id,
    fields: read ? merge(planned, read.fields) : planned,
    extra: { ...read?.extra, ...extraOf(planned, planTaskFields) },
    body: read ? read.body : (instructions ?? body ?? ''),
    at(field: EntryField, index?: number) {
      const path = index === undefined ? [field] : [field, index];
      const written = field === 'id' || (planned[field] ?? null) !== null;
      return written || !read ? inPlan(...path) : read.source.at(path);
    },
  };
}

async function readTask(
  task: { readonly id: string; readonly name: string; readonly where: string },
  place: TaskPlace,
): Promise<TaskFile> {
  const { path, name, within } = place.file;
  const shown = join(dirname(name), task.name);
  const read = await readTaskFile({ file: task.name, folder: dirname(path), name: shown, where: task.where, within });
  if (read.id === null || read.id === task.id) return read;
  throw new UsageError({
    where: read.source.at(['id']),
    what: `the file is task ${quote(read.id)}, but ${task.where} names it for task ${quote(task.id)}`,
    mend: 'make the two ids the same, or name the right file',
  });
}

/** The plan is the index and wins, the task file fills what it leaves out; completed in one is completed. */
function merge(planned: TaskFields, read: TaskFields): TaskFields {
  const status = [planned.status, read.status].find((each) => each === 'completed') ?? planned.status ?? read.status;
  return {
    issue: planned.issue ?? read.issue,
    name: planned.name ?? read.name,
    priority: planned.priority ?? read.priority,
    status,
    dependencies: planned.dependencies ?? read.dependencies,
    labels: planned.labels ?? read.labels,
    files: planned.files ?? read.files,
  };
}

import { dirname, join } from 'node:path';
import pMap from 'p-map';
import { accept, type Accepted } from '../input/accept.ts';
import { collectProblems, UsageError, type Problem } from '../input/errors.ts';
import { readText } from '../input/file.ts';
import { closest } from '../input/suggest.ts';
import { quote } from '../input/text.ts';
import { parseYaml, type Source } from '../input/yaml.ts';
import type { Entry, EntryField, EntryList, ReadEntry } from './entry.ts';
import { extraOf } from './extra.ts';
import { planSchema, planTaskFields, type TaskFields, type WrittenPlan } from './schema.ts';
import { readTaskFile, type TaskFile } from './task-file.ts';

/** Longest plan.yaml in bytes: 10,000 issues with a line for each field. */
const MAX_BYTES = 1024 * 1024;

/** Task files read at once; more would only wait for the disk. */
const PARALLEL = 16;

/** A plan file on disk. */
export interface PlanFile {
  readonly path: string;
  /** Its name in messages. */
  readonly name: string;
  /** Folders that task files have to lie in, links resolved. */
  readonly within: readonly string[];
}

type Task = WrittenPlan['tasks'][number];

/** Reads a `plan.yaml` and the task files that it names. @throws UsageError for one that cannot be read at all. */
export async function readPlanYaml(file: PlanFile): Promise<EntryList> {
  const text = await readText({ path: file.path, name: file.name, maxBytes: MAX_BYTES });
  const written = parseYaml({ name: file.name, text, scalars: 'as-written' });
  refuseMistypedTasks(written);
  const { value: plan, ...accepted } = accept(planSchema, written);
  const tasks = plan?.tasks ?? [];
  const problems: Problem[] = [...accepted.problems];
  const entries: Entry[] = [];
  const read = (task: Task, index: number) => entryOf(task, { file, accepted, index });
  // Results come in the order of the plan, whichever file was read first.
  for (const { entry, problems: own } of await pMap(tasks, read, { concurrency: PARALLEL })) {
    problems.push(...own);
    entries.push(entry);
  }
  return {
    name: plan?.metadata?.name ?? null,
    entries,
    problems,
    isComplete: plan !== null && tasks.length === countOf(written),
  };
}

function refuseMistypedTasks(source: Source): void {
  const { value } = source;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.hasOwn(value, 'tasks')) return;
  const typo = closest('tasks', Object.keys(value));
  if (typo === null) return;
  const what = `unknown key ${quote(typo)}, and there is no \`tasks\``;
  throw new UsageError({ where: source.at([typo], 'key'), what, mend: 'did you mean "tasks"?' });
}

/** Tasks as they are written, good or not; null: there is no list of them. */
function countOf({ value }: Source): number | null {
  const { tasks } = (value ?? {}) as { readonly tasks?: unknown };
  return Array.isArray(tasks) ? tasks.length : null;
}

interface TaskPlace {
  readonly file: PlanFile;
  readonly accepted: Pick<Accepted<WrittenPlan>, 'source' | 'isWhole'>;
  readonly index: number;
}

async function entryOf(task: Task, place: TaskPlace): Promise<ReadEntry> {
  const id = String(task.id);
  const { source, isWhole } = place.accepted;
  const inPlan = (...path: readonly PropertyKey[]) => source.at(['tasks', place.index, ...path]);
  const { file: name, instructions, body, ...planned } = task;
  const given = [name, instructions, body].filter((each) => each !== undefined && each !== null);
  const problems: Problem[] = [];
  // A text that the schema refused has been reported already.
  if (given.length > 1 || (given.length === 0 && isWhole(['tasks', place.index]))) {
    problems.push({
      where: inPlan(),
      what: `task ${quote(id)} has ${given.length === 0 ? 'no text' : 'more than one text'}`,
      mend: 'give it either `file: tasks/NAME.md` or `instructions: what to do`',
    });
  }
  const read = name
    ? await collectProblems(problems, () => readTask({ id, name, where: inPlan('file') }, place.file))
    : null;
  problems.push(...(read?.problems ?? []));
  const entry: Entry = {
    id,
    fields: read ? merge(planned, read.fields) : planned,
    extra: { ...read?.extra, ...extraOf(planned, planTaskFields) },
    body: given.length === 1 ? (read?.body ?? instructions ?? body ?? null) : null,
    at(field: EntryField, index?: number) {
      const path = index === undefined ? [field] : [field, index];
      const written = field === 'id' || (planned[field] ?? null) !== null;
      return written || !read ? inPlan(...path) : read.source.at(path);
    },
  };
  return { entry, problems };
}

async function readTask(
  task: { readonly id: string; readonly name: string; readonly where: string },
  plan: PlanFile,
): Promise<TaskFile> {
  const { path, name, within } = plan;
  const shown = join(dirname(name), task.name);
  const read = await readTaskFile({ file: task.name, folder: dirname(path), name: shown, where: task.where, within });
  if (read.id === null || read.id === task.id) return read;
  const other = {
    where: read.source.at(['id']),
    what: `the file is task ${quote(read.id)}, but ${task.where} names it for task ${quote(task.id)}`,
    mend: 'make the two ids the same, or name the right file',
  };
  return { ...read, problems: [...read.problems, other] };
}

/** The plan wins, and the task file fills in what it leaves out; a task is completed if either says so. */
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

import { z } from 'zod';
import { priorities } from '../../workflows/domain/issue.ts';
import { optional } from '../config/values.ts';
import { openObject } from './extra.ts';

const id = z.union([z.string(), z.number()]).meta({
  description: 'A text or a number, at most 100 characters.',
  examples: ['task-1'],
});

/** Statuses of a task; only a `completed` one is left out of a batch. */
const statuses = ['pending', 'blocked', 'in_progress', 'completed'] as const;

const text = (example: string) => z.string().meta({ examples: [example] });

const issueNumber = z
  .union([z.number().int().min(1).max(999_999_999), z.string()])
  .refine((number) => /^#?[1-9]\d{0,8}$/.test(String(number)), { message: 'must be the number of an issue' });

const fields = {
  issue: optional(issueNumber).meta({
    description: 'Number of its issue on the forge; `millrace issues create` writes it.',
    examples: [17],
  }),
  name: optional(text('Add a login page')),
  priority: optional(z.enum(priorities)).meta({ description: 'Default medium.', examples: ['high'] }),
  status: optional(z.enum(statuses)).meta({ description: 'A completed one is skipped.', examples: ['pending'] }),
  dependencies: optional(z.array(id).max(1000)).meta({
    description: 'Ids of issues of this plan that have to succeed first.',
    examples: [['task-1', 'task-2']],
  }),
  labels: optional(z.array(text('backend')).max(100)).meta({ examples: [['backend']] }),
  files: optional(z.array(text('src/login.ts')).max(1000)).meta({
    description: 'Files, folders (`src/`) or globs that the work will touch: no two issues touch one at once.',
    examples: [['src/login.ts']],
  }),
};

/** Fields of a task in `plan.yaml`. */
export const planTaskFields = {
  id,
  file: optional(text('tasks/task-1.md')).meta({ description: 'Markdown, from the folder of the plan.' }),
  instructions: optional(text('Add a login page, with tests.')),
  body: optional(text('Add a login page, with tests.')).meta({ description: 'The same as `instructions`.' }),
  ...fields,
};

const planTask = openObject(planTaskFields).meta({
  examples: [{ id: 'task-1', name: 'Add a login page', file: 'tasks/task-1.md' }],
});

/** `plan.yaml`; unknown keys of the file and of `metadata` belong to whoever wrote the plan. */
export const planSchema = z
  .looseObject({
    metadata: optional(z.looseObject({ name: optional(text('Login')) })).meta({ examples: [{ name: 'Login' }] }),
    tasks: z
      .array(planTask)
      .min(1)
      .max(10_000)
      .meta({ examples: [[{ id: 'task-1', file: 'tasks/task-1.md' }]] }),
  })
  .meta({ title: 'plan.yaml' });

/** Fields of a task file's front matter. */
export const frontMatterFields = { id: optional(id), ...fields };

/** Front matter of a task file. */
export const frontMatterSchema = openObject(frontMatterFields).meta({ title: 'Front matter of a task' });

/** Fields of an issue in `tasks.json`. */
export const jsonTaskFields = { instructions: text('Fix the login, with tests.'), ...fields };

/** `tasks.json`: the ids are the keys. */
export const tasksSchema = z
  .record(
    z.string(),
    openObject(jsonTaskFields).meta({
      examples: [{ instructions: 'Fix the login, with tests.', files: ['src/login.ts'] }],
    }),
  )
  .meta({ title: 'tasks.json', examples: [{ 'fix-login': { instructions: 'Fix the login, with tests.' } }] });

/** What the three formats say about an issue besides its id and text. */
export type TaskFields = z.infer<z.ZodObject<typeof fields>>;

/** `plan.yaml`, parsed. */
export type WrittenPlan = z.infer<typeof planSchema>;

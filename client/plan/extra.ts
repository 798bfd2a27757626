import { stringify } from 'yaml';
import { z } from 'zod';
import { closest } from '../input/suggest.ts';

/** What planners write about a task that Millrace does not act on: `objective`, `estimate`, `created` ... */
export type Extra = Readonly<Record<string, unknown>>;

/** Other words for `dependencies`: ignoring one in silence would start an issue too early. */
const dependencyWords = new Set(
  ['after', 'blocked_by', 'depend', 'depends', 'depends_on', 'deps', 'needs', 'prerequisites', 'requires'].flatMap(
    (word) => [word, word.replaceAll('_', '-'), word.replaceAll('_', '')],
  ),
);

/** A task that may have more fields than ours; only a field that looks like a misspelt one of ours is refused. */
export function openObject<Shape extends z.ZodRawShape>(shape: Shape) {
  const ours = Object.keys(shape);
  return z.looseObject(shape).superRefine(
    (task, context) => {
      const keys = extraKeys(task, ours).filter(
        (key) => closest(key, ours) !== null || dependencyWords.has(key.toLowerCase()),
      );
      if (keys.length > 0) context.addIssue({ code: 'unrecognized_keys', keys, input: task });
    },
    // Checked even beside other mistakes: a missing field is often there under a mistyped key.
    { when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value) },
  );
}

/** The fields of a task that are not in `ours`, without empty ones. */
export function extraOf(task: Readonly<Record<string, unknown>>, ours: z.ZodRawShape): Extra {
  const keys = extraKeys(task, Object.keys(ours)).filter((key) => (task[key] ?? null) !== null);
  return Object.fromEntries(keys.map((key) => [key, task[key]]));
}

/** The extra fields as Markdown for the agent, which may know what they mean; empty if there are none. */
export function extraText(extra: Extra): string {
  if (Object.keys(extra).length === 0) return '';
  const yaml = stringify(extra, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
  // A fence longer than any inside the text cannot be closed by it.
  const fence = '`'.repeat(Math.max(3, ...[...yaml.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `\n\nThe plan also says:\n\n${fence}yaml\n${yaml}\n${fence}`;
}

function extraKeys(task: object, ours: readonly string[]): readonly string[] {
  return Object.keys(task).filter((key) => !ours.includes(key));
}

import type { z } from 'zod';
import { byPlace, type Problem } from './errors.ts';
import { exampleAt, keysAt } from './schema-path.ts';
import { suggestion } from './suggest.ts';
import { cleanLine } from '../../workflows/domain/words.ts';
import { quote } from './text.ts';
import type { Source } from './yaml.ts';

/** Describes what a schema refuses in a source, each with its line, in the order of the lines. */
export function schemaProblems(
  error: z.ZodError,
  { schema, source }: { readonly schema: z.ZodType; readonly source: Source },
): readonly Problem[] {
  return byPlace(error.issues.flatMap((issue) => problemsOf(issue, { schema, source, at: [] })));
}

interface Place {
  readonly schema: z.ZodType;
  readonly source: Source;
  /** Path of the value from which an issue's own path starts. */
  readonly at: readonly PropertyKey[];
}

function problemsOf(issue: z.core.$ZodIssue, place: Place): readonly Problem[] {
  const path = [...place.at, ...issue.path];
  const subject = path.length > 0 ? cleanLine(path.map(String).join('.'), 120) : place.source.name;
  const input = valueAt(place.source.value, path);
  const problem = (what: string, mend: string): readonly Problem[] => [{ where: place.source.at(path), what, mend }];
  const example = exampleAt(place.schema, path, place.source.name.endsWith('.json') ? 'json' : 'yaml');
  const mend = example === null ? 'correct it, or leave it out' : `write for example \`${example}\``;

  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        where: place.source.at([...path, key], 'key'),
        what: `unknown key ${quote(key)}${path.length > 0 ? ` in ${subject}` : ''}`,
        mend: suggestion(key, keysAt(place.schema, path)),
      }));
    case 'invalid_value':
      return notOneOf({ subject, input, allowed: issue.values.map(String) }, problem);
    case 'invalid_union': {
      if (input === undefined) return problem(`${subject} is missing`, mend);
      const branch = likelyBranch(issue.errors, input);
      if (branch) return branch.flatMap((inner) => problemsOf(inner, { ...place, at: path }));
      const allowed = issue.errors
        .flat()
        .flatMap((inner) => (inner.code === 'invalid_value' ? inner.values.map(String) : []));
      if (allowed.length > 0) return notOneOf({ subject, input, allowed }, problem);
      const kinds = issue.errors
        .flat()
        .flatMap((inner) => (inner.code === 'invalid_type' ? [kindWord(inner.expected)] : []));
      return problem(`${subject} must be ${[...new Set(kinds)].join(' or ')}, not ${kindOf(input)}`, mend);
    }
    case 'invalid_type':
      if (input === undefined) return problem(`${subject} is missing`, mend);
      return problem(
        issue.message.startsWith('must')
          ? `${subject} ${issue.message}, not ${kindOf(input)}`
          : `${subject} must be ${kindWord(issue.expected)}, not ${kindOf(input)}`,
        issue.expected === 'string' && isPlain(input) && !issue.message.startsWith('must')
          ? `put it in quotes: "${String(input)}"`
          : mend,
      );
    case 'invalid_key':
      return problem(
        `${quote(String(path.at(-1)))} ${issue.issues[0]?.message ?? 'is not a name'}`,
        'choose another name',
      );
    case 'too_small':
      return problem(`${subject} ${bound(issue.origin, 'at least', issue.minimum)}`, mend);
    case 'too_big':
      return problem(`${subject} ${bound(issue.origin, 'at most', issue.maximum)}`, mend);
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_element':
    case 'custom':
      return problem(`${subject} ${issue.message}`, mend);
  }
}

function notOneOf(
  given: { readonly subject: string; readonly input: unknown; readonly allowed: readonly string[] },
  problem: (what: string, mend: string) => readonly Problem[],
): readonly Problem[] {
  const { subject, input, allowed } = given;
  if (input === undefined) return problem(`${subject} is missing`, `write one of: ${allowed.join(', ')}`);
  return isPlain(input)
    ? problem(`${subject} can't be ${quote(String(input))}`, suggestion(String(input), allowed))
    : problem(`${subject} can't be ${kindOf(input)}`, `write one of: ${allowed.join(', ')}`);
}

/** The branch of a union that the input was meant for: the one that accepts its outer shape. */
function likelyBranch(branches: readonly z.core.$ZodIssue[][], input: unknown): z.core.$ZodIssue[] | null {
  if (typeof input !== 'object' || input === null) {
    const formats = branches.find((issues) =>
      issues.every(
        ({ code }) => code === 'too_small' || code === 'too_big' || code === 'invalid_format' || code === 'custom',
      ),
    );
    return formats ?? null;
  }
  return (
    branches.find((issues) =>
      issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys' || code === 'too_small'),
    ) ?? null
  );
}

function bound(origin: string, word: string, limit: number | bigint): string {
  switch (origin) {
    case 'string':
      return limit === 1 ? 'must not be empty' : `must have ${word} ${limit} characters`;
    case 'array':
      return limit === 1 && word === 'at least' ? 'must not be empty' : `must have ${word} ${limit} entries`;
    default:
      return `must be ${word} ${limit}`;
  }
}

function kindWord(expected: string): string {
  switch (expected) {
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'int':
      return 'a whole number';
    case 'array':
      return 'a list';
    case 'object':
    case 'record':
      return 'a mapping of keys to values';
    default:
      return expected;
  }
}

function isPlain(input: unknown): input is string | number | boolean {
  return typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean';
}

function kindOf(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'string') return `the text ${quote(input)}`;
  if (isPlain(input)) return `the ${typeof input} ${String(input)}`;
  return input === null || input === undefined ? 'nothing' : 'a mapping';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[part];
  }
  return current;
}

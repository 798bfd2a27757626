import { z } from 'zod';
import { configSchema } from '../config/schema.ts';

/** A line of the JSON schema, as far as a page shows it. */
interface Line {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly type?: string;
  readonly anyOf?: readonly Line[];
  readonly items?: Line;
  readonly properties?: Readonly<Record<string, Line>>;
  readonly additionalProperties?: Line | boolean;
}

/** What names of your own are called in the paths of the page. */
const own: Readonly<Record<string, string>> = { profiles: 'NAME', prices: 'MODEL' };

/** What follows the hand-written beginning of docs/configuration.md: every line that `millrace.yaml` may have. */
export function configurationPage(): string {
  const { properties = {} } = z.toJSONSchema(configSchema, { io: 'input' }) as Line;
  return Object.entries(properties)
    .map(([key, line]) => sectionOf(key, line))
    .join('\n\n');
}

function sectionOf(key: string, line: Line): string {
  const inner = innerLines(key, line).map(([path, each]) => `- \`${path}\`: ${wordsOf(path, each)}`);
  const yaml = `\`\`\`yaml\n${key}: ${yamlOf(exampleOf(key, line))}\n\`\`\``;
  return [`## \`${key}\``, wordsOf(key, line), yaml, ...(inner.length > 0 ? [inner.join('\n')] : [])].join('\n\n');
}

/** Everything below a line, outermost first; a list's elements are written as `checks[]`. */
function innerLines(path: string, line: Line): readonly (readonly [path: string, line: Line])[] {
  return variantsOf(line).flatMap((each) => {
    const named = Object.entries(each.properties ?? {}).map(([key, inner]) => [`${path}.${key}`, inner] as const);
    const values = typeof each.additionalProperties === 'object' ? each.additionalProperties : null;
    return [
      ...named.flatMap(([at, inner]) => [[at, inner] as const, ...innerLines(at, inner)]),
      ...(values ? innerLines(`${path}.${own[path] ?? 'NAME'}`, values) : []),
      ...(each.items ? innerLines(`${path}[]`, each.items) : []),
    ];
  });
}

/** The forms that a line may have; that it may be left empty is true of all. */
function variantsOf(line: Line): readonly Line[] {
  return line.anyOf ? line.anyOf.filter(({ type }) => type !== 'null').flatMap(variantsOf) : [line];
}

function wordsOf(path: string, line: Line): string {
  const description = saidBy(line, (each) => each.description);
  if (description === undefined) throw new Error(`${path} has no description: give it one in client/config/schema.ts`);
  const names = variantsOf(line).flatMap(({ enum: values = [] }) => values);
  return [description, ...(names.length > 0 ? [`One of ${names.map(code).join(', ')}.`] : [])].join(' ');
}

/** What a line says of itself, else what one of its forms does; undefined: none does. */
function saidBy<T>(line: Line, pick: (line: Line) => T | undefined): T | undefined {
  return pick(line) ?? line.anyOf?.map((each) => saidBy(each, pick)).find((said) => said !== undefined);
}

function exampleOf(path: string, line: Line): unknown {
  const example = saidBy(line, ({ examples }) => examples?.[0]);
  if (example === undefined) throw new Error(`${path} has no example: give it one in client/config/schema.ts`);
  return example;
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}

/** In the flow style, which fits on a line. */
function yamlOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlOf).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${key}: ${yamlOf(each)}`)
      .join(', ')} }`;
  }
  return typeof value === 'string' && !/^[\w./-]+$/.test(value) ? `'${value}'` : String(value);
}

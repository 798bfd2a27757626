import { stringify } from 'yaml';
import { z } from 'zod';

type JsonSchema = z.core.JSONSchema.JSONSchema;

const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

/** Keys that a mapping at a path may have. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  return schemasAt(schema, path).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

/** An example of the value at a path, in the format of its file; null: the schema has none. */
export function exampleAt(schema: z.ZodType, path: readonly PropertyKey[], format: 'yaml' | 'json'): string | null {
  // The example of this very line comes after the examples of its type.
  const example = schemasAt(schema, path)
    .flatMap(({ examples }) => examples ?? [])
    .at(-1);
  if (example === undefined) return null;
  if (format === 'json') return JSON.stringify(example);
  return stringify(example, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

/** Schemas that describe the value at a path: one for each branch of a union on the way. */
function schemasAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly JsonSchema[] {
  const root = jsonSchemas.get(schema) ?? (z.toJSONSchema(schema, { io: 'input', reused: 'inline' }) as JsonSchema);
  jsonSchemas.set(schema, root);
  let candidates = branchesOf(root);
  for (const part of path) candidates = candidates.flatMap((each) => childrenOf(each, part)).flatMap(branchesOf);
  return candidates;
}

function branchesOf(schema: JsonSchema): readonly JsonSchema[] {
  const inner = (schema.anyOf ?? []).filter((each) => typeof each === 'object');
  return inner.length > 0 ? [...inner.flatMap(branchesOf), { ...schema, anyOf: [] }] : [schema];
}

function childrenOf(schema: JsonSchema, part: PropertyKey): readonly JsonSchema[] {
  const { additionalProperties, items } = schema;
  return [schema.properties?.[String(part)], additionalProperties, items].filter(
    (each): each is JsonSchema => typeof each === 'object' && each !== null && !Array.isArray(each),
  );
}

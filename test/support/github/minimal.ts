import type { Schema } from '../../contract/reduce.ts';

/** The smallest value that a named schema allows: what it requires, and of that null and the empty where it may be. */
export function minimalOf(schemas: Readonly<Record<string, Schema>>, name: string): unknown {
  const root = schemas[name];
  if (root === undefined) throw new Error(`the contract has no schema ${name}`);
  return smallest(((root['anyOf'] as readonly Schema[] | undefined) ?? [root]).find((each) => !isNull(each)) ?? root);

  function smallest(schema: Schema): unknown {
    if (typeof schema['$ref'] === 'string') return smallest(named(schema['$ref']));
    const enumerated = schema['enum'];
    if (Array.isArray(enumerated)) return enumerated[0];
    const choices = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
    if (choices !== undefined) return choices.some(isNull) ? null : smallest(choices[0] as Schema);
    if (Array.isArray(schema['allOf'])) {
      return Object.assign({}, ...(schema['allOf'] as Schema[]).map((each) => smallest(each)));
    }
    return byType(schema);
  }

  function named(ref: string): Schema {
    const found = schemas[ref.replace('#/schemas/', '')];
    if (found === undefined) throw new Error(`the contract has no ${ref}`);
    return found;
  }

  function byType(schema: Schema): unknown {
    switch (schema['type']) {
      case 'null':
        return null;
      case 'boolean':
        return false;
      case 'integer':
      case 'number':
        return typeof schema['minimum'] === 'number' ? schema['minimum'] : 0;
      case 'array':
        return [];
      case 'string':
        return text(schema['format']);
      default:
        return required(schema);
    }
  }

  function required(schema: Schema): unknown {
    const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
    const names = (schema['required'] ?? []) as readonly string[];
    return Object.fromEntries(names.map((each) => [each, smallest(properties[each] ?? {})]));
  }
}

function isNull(schema: Schema): boolean {
  return schema['type'] === 'null';
}

function text(format: unknown): string {
  if (format === 'uri') return 'https://github.invalid/';
  if (format === 'date-time') return '2026-01-01T00:00:00Z';
  return format === 'email' ? 'nobody@github.invalid' : '';
}

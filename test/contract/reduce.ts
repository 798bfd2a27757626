/** A JSON schema as it stands in a file. */
export type Schema = Readonly<Record<string, unknown>>;

/** As much of an OpenAPI 3.0 description as the cut reads. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Operation {
  readonly operationId?: string;
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content } | Reference>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Reference {
  readonly $ref: string;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

/** One operation of the contract, in JSON schema, without what a validator does not read. */
export interface ContractOperation {
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, Schema>>;
  readonly query: Readonly<Record<string, { readonly required: boolean; readonly schema: Schema }>>;
  /** Null: it takes none. */
  readonly body: { readonly required: boolean; readonly schema: Schema } | null;
  /** By status; null: an answer without a JSON body. */
  readonly answers: Readonly<Record<string, Schema | null>>;
}

export interface Contract {
  readonly operations: Readonly<Record<string, ContractOperation>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** Keeps the named operations and every schema that they reach. @throws Error for a name that is not there. */
export function cutDescription(description: Description, names: readonly string[]): Contract {
  const wanted = new Set(names);
  const operations: Record<string, ContractOperation> = {};
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.operationId === undefined || !wanted.has(operation.operationId)) continue;
      operations[operation.operationId] = cutOperation(description, method.toUpperCase(), { path, operation });
    }
  }
  const missing = names.filter((name) => !(name in operations));
  if (missing.length > 0) throw new Error(`the description has no ${missing.join(', ')}`);
  const sorted = Object.fromEntries(names.toSorted().map((name) => [name, operations[name] as ContractOperation]));
  return { operations: sorted, schemas: reachable(description, sorted) };
}

function cutOperation(
  description: Description,
  method: string,
  at: { readonly path: string; readonly operation: Operation },
): ContractOperation {
  const { path, operation } = at;
  const parameters = (operation.parameters ?? []).map((each) => resolve<Parameter>(description, each));
  const schemaOf = (each: Parameter) => plain(each.schema) as Schema;
  const inPath = parameters.filter((each) => each.in === 'path');
  const inQuery = parameters.filter((each) => each.in === 'query');
  const body = operation.requestBody?.content['application/json']?.schema;
  return {
    method,
    path,
    parameters: Object.fromEntries(inPath.map((each) => [each.name, schemaOf(each)])),
    query: Object.fromEntries(
      inQuery.map((each) => [each.name, { required: each.required === true, schema: schemaOf(each) }]),
    ),
    body:
      body === undefined
        ? null
        : { required: operation.requestBody?.required === true, schema: closed(plain(body) as Schema) },
    answers: Object.fromEntries(
      Object.entries(operation.responses).map(([status, each]) => {
        const schema = resolve<{ content?: Content }>(description, each).content?.['application/json']?.schema;
        return [status, schema === undefined ? null : (plain(schema) as Schema)];
      }),
    ),
  };
}

function resolve<T>(description: Description, each: unknown): T {
  const ref = (each as Partial<Reference>).$ref;
  if (ref === undefined) return each as T;
  const [, , section = '', name = ''] = ref.split('/');
  return description.components[section]?.[name] as T;
}

/** What a validator does not read, or, as `discriminator`, reads in another way than OpenAPI means it. */
const unread = new Set(
  'description example examples summary externalDocs title discriminator readOnly writeOnly deprecated default nullable'.split(
    ' ',
  ),
);

/** OpenAPI 3.0 as JSON schema: `nullable` stands beside no type in 135 places, and beside enums without null in 71. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const schema = value as Schema;
  const kept = Object.entries(schema).filter(([key]) => !key.startsWith('x-') && !unread.has(key));
  const result = Object.fromEntries(
    kept.map(([key, each]) => {
      if (key === 'properties') return [key, plainProperties(each as Schema)];
      if (key === '$ref') return [key, String(each).replace('#/components/schemas/', '#/schemas/')];
      return [key, plain(each)];
    }),
  );
  return schema['nullable'] === true ? { anyOf: [{ type: 'null' }, result] } : result;
}

/** Names of properties are no keywords: an issue has a `title`. */
function plainProperties(properties: Schema): Schema {
  return Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, plain(each)]));
}

/** What we send may only have keys that the description knows; GitHub itself ignores a misspelt one. */
function closed(schema: Schema): Schema {
  const inner = Object.entries(schema).map(([key, each]): [string, unknown] => {
    if (key === 'properties')
      return [
        key,
        Object.fromEntries(Object.entries(each as Schema).map(([name, one]) => [name, closed(one as Schema)])),
      ];
    if (key === 'items') return [key, closed(each as Schema)];
    if (key === 'oneOf' || key === 'anyOf' || key === 'allOf') return [key, (each as Schema[]).map(closed)];
    return [key, each];
  });
  const result = Object.fromEntries(inner);
  const isOpen = 'properties' in result && !('additionalProperties' in result);
  return isOpen ? { ...result, additionalProperties: false } : result;
}

function reachable(description: Description, from: unknown): Contract['schemas'] {
  const found: Record<string, Schema> = {};
  const visit = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"\$ref":"#\/schemas\/([^"]+)"/g)) {
      if (name in found) continue;
      found[name] = plain(description.components['schemas']?.[name]) as Schema;
      visit(found[name]);
    }
  };
  visit(from);
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

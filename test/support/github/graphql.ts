import {
  buildSchema,
  execute,
  GraphQLError,
  parse,
  validate,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import type { Call } from './answer.ts';
import { GraphqlRefusal } from './graphql-refusal.ts';
import { mutations } from './graphql-mutations.ts';
import { queries } from './graphql-queries.ts';

/** What came of one GraphQL request. */
export interface GraphqlAnswer {
  readonly body: unknown;
  /** What GitHub's schema does not allow in the request, or the fake cannot tell. */
  readonly violations: readonly string[];
}

let built: Promise<GraphQLSchema> | undefined;

/** GitHub's own schema: 1.2 MB of SDL, a third of a second to build, so only where GraphQL is asked. */
export function githubSchema(): Promise<GraphQLSchema> {
  built ??= import('@octokit/graphql-schema').then(({ schema }) => buildSchema(schema.idl, { assumeValidSDL: true }));
  return built;
}

/** Whether a document changes anything. */
export function isMutation(source: unknown): boolean {
  return typeof source === 'string' && /^\s*mutation\b/m.test(source);
}

/** Runs a document on GitHub's schema over the fake's rules. */
export async function runGraphql(call: Call): Promise<GraphqlAnswer> {
  const { query: source, variables = {} } = call.body as { readonly query?: unknown; readonly variables?: unknown };
  void call.body['operationName'];
  if (typeof source !== 'string') return { body: {}, violations: ['the body has no query'] };
  const schema = await githubSchema();
  const parsed = parsedOr(source);
  if (parsed instanceof GraphQLError) return { body: {}, violations: [parsed.message] };
  const wrong = validate(schema, parsed);
  if (wrong.length > 0) return { body: {}, violations: wrong.map((each) => each.message) };
  const violations: string[] = [];
  const result = await execute({
    schema,
    document: parsed,
    rootValue: { ...queries(call), ...mutations(call) },
    variableValues: variables as Record<string, unknown>,
    fieldResolver: strictly(violations),
  });
  const errors = result.errors?.map((each) => {
    const cause = each.originalError;
    if (cause instanceof GraphqlRefusal) return { type: cause.type, path: each.path, message: cause.message };
    violations.push(each.message);
    return { path: each.path, message: each.message };
  });
  return { body: errors === undefined ? result : { data: result.data, errors }, violations };
}

function parsedOr(source: string) {
  try {
    return parse(source);
  } catch (error) {
    return error as GraphQLError;
  }
}

/** A field that the schema has and the fake has not is no null, but a hole in the fake. */
function strictly(violations: string[]): GraphQLFieldResolver<unknown, unknown> {
  return (source, args, ...[context, info]) => {
    const value = (source as Readonly<Record<string, unknown>>)[info.fieldName];
    if (value === undefined) {
      violations.push(`the fake does not know ${info.parentType.name}.${info.fieldName}`);
      return null;
    }
    return typeof value === 'function' ? (value as (args: unknown, context: unknown) => unknown)(args, context) : value;
  };
}

import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import type { Contract, ContractOperation, Schema } from '../../contract/reduce.ts';
import { minimalOf } from './minimal.ts';

/** A request that belongs to an operation of GitHub's description. */
export interface Matched {
  /** GitHub's own name of it, such as `pulls/create`. */
  readonly id: string;
  readonly operation: ContractOperation;
  readonly params: Readonly<Record<string, string>>;
}

/** What a request brings besides its path. */
export interface Sent {
  readonly query: URLSearchParams;
  /** Undefined: none. */
  readonly body: unknown;
}

/** GitHub's own description of its REST API, cut to what we use, as judge of both sides of an exchange. */
export interface ContractCheck {
  readonly operations: readonly string[];
  /** Null: no operation of the cut has this method and path. */
  match(method: string, path: string): Matched | null;
  /** What the description does not allow in a request; none: it is in order. */
  request(matched: Matched, sent: Sent): readonly string[];
  /** The same of an answer. */
  answer(id: string, status: number, body: unknown): readonly string[];
  /** The smallest value of a named schema, a new one each time. */
  minimal(name: string): Record<string, unknown>;
  /** Compiles every validator. @throws Error for the first that does not compile. */
  compileAll(): number;
}

/** Mostly undeclared in the description, and possible everywhere. */
const anywhere = (status: number): boolean => [304, 401, 403, 404, 429].includes(status) || status >= 500;

const file = new URL('../../contract/github-openapi.json', import.meta.url);

let loaded: ContractCheck | undefined;

/** The one of this process: compiling takes most of a second, so validators are made on first use and kept. */
export function githubContract(): ContractCheck {
  loaded ??= createContract(JSON.parse(readFileSync(file, 'utf8')) as Contract);
  return loaded;
}

export function createContract(contract: Contract): ContractCheck {
  const ajv = new Ajv({ strict: false, validateSchema: false, formats, code: { optimize: false } });
  ajv.addSchema(contract, 'github');
  const validators = new Map<string, ValidateFunction>();
  const validator = (...path: readonly string[]): ValidateFunction => {
    const pointer = path.map((each) => encodeURIComponent(each.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `github#/${pointer}` });
    validators.set(pointer, known);
    return known;
  };
  const routes = Object.entries(contract.operations).map(([id, operation]) => ({
    id,
    operation,
    ...pattern(operation),
  }));
  const problems = (where: string, value: unknown, check: ValidateFunction): readonly string[] =>
    check(value) ? [] : (check.errors ?? []).map((each) => `${where}${each.instancePath} ${wordsOf(each)}`);
  const minima = new Map<string, Record<string, unknown>>();

  return {
    operations: Object.keys(contract.operations),
    match(method, path) {
      // `issues/comments` before `issues/{number}`: the route with the fewest names wins.
      const found = routes
        .filter(({ operation, regex }) => operation.method === method && regex.test(path))
        .toSorted((a, b) => a.names.length - b.names.length)[0];
      if (found === undefined) return null;
      const values = (found.regex.exec(path) ?? []).slice(1).map(decodeURIComponent);
      const params = Object.fromEntries(found.names.map((name, index) => [name, values[index] ?? '']));
      return { id: found.id, operation: found.operation, params };
    },
    request({ id, operation, params }, { query, body }) {
      const found: string[] = [];
      for (const [name, schema] of Object.entries(operation.parameters)) {
        const check = validator('operations', id, 'parameters', name);
        found.push(...problems(`path ${name}`, coerced(schema, params[name] ?? ''), check));
      }
      for (const name of new Set(query.keys())) {
        const known = operation.query[name];
        if (known === undefined) found.push(`query ${name} is not known`);
        else {
          const value = coerced(known.schema, query.get(name) ?? '');
          found.push(...problems(`query ${name}`, value, validator('operations', id, 'query', name, 'schema')));
        }
      }
      for (const [name, { required }] of Object.entries(operation.query)) {
        if (required && !query.has(name)) found.push(`query ${name} is missing`);
      }
      if (body === undefined) return operation.body?.required === true ? [...found, 'the body is missing'] : found;
      if (operation.body === null) return [...found, 'a body where none is known'];
      return [...found, ...problems('body', body, validator('operations', id, 'body', 'schema'))];
    },
    answer(id, status, body) {
      const operation = contract.operations[id];
      if (operation === undefined) return [`there is no operation ${id}`];
      const declared = operation.answers[String(status)];
      if (declared === undefined) return anywhere(status) ? [] : [`status ${status} is not declared`];
      if (declared === null) return body === undefined ? [] : [`status ${status} has no body`];
      return problems('answer', body, validator('operations', id, 'answers', String(status)));
    },
    minimal(name) {
      const made = minima.get(name) ?? (minimalOf(contract.schemas, name) as Record<string, unknown>);
      minima.set(name, made);
      return structuredClone(made);
    },
    compileAll() {
      for (const [id, { parameters, query, body, answers }] of Object.entries(contract.operations)) {
        for (const name of Object.keys(parameters)) validator('operations', id, 'parameters', name);
        for (const name of Object.keys(query)) validator('operations', id, 'query', name, 'schema');
        if (body !== null) validator('operations', id, 'body', 'schema');
        for (const [status, schema] of Object.entries(answers)) {
          if (schema !== null) validator('operations', id, 'answers', status);
        }
      }
      return validators.size;
    },
  };
}

function pattern({ path }: ContractOperation): { readonly regex: RegExp; readonly names: readonly string[] } {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
  const source = path
    .split(/\{[^}]+\}/)
    .map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('([^/]+)');
  return { names, regex: new RegExp(`^${source}$`) };
}

/** Text of an address as the type that its schema says, where it can be read so. */
function coerced(schema: Schema, text: string): unknown {
  if (schema['type'] === 'integer' || schema['type'] === 'number') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (schema['type'] === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (schema['type'] === 'array') return text.split(',');
  return text;
}

function wordsOf(error: { readonly message?: string; readonly params: unknown }): string {
  return `${error.message ?? ''} ${JSON.stringify(error.params)}`.trim();
}

const formats = {
  uri: (text: string) => URL.canParse(text),
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  email: /.@./,
  int64: true,
  int32: true,
  'repo.nwo': /^[^/]+\/[^/]+$/,
} as const;

import type { z } from 'zod';
import type { Problem } from './errors.ts';
import { schemaProblems } from './schema-problems.ts';
import type { Source } from './yaml.ts';

/** What a schema accepts of a source, and everything that it refuses: the rest can be checked in the same go. */
export interface Accepted<T> {
  /** Without what is refused; null: too little is left. */
  readonly value: T | null;
  /** Places in `value`, which has lost entries of lists, as they are in the file. */
  readonly source: Source;
  readonly problems: readonly Problem[];
  /** Whether what this path leads to in `value` is all that was written there. */
  readonly isWhole: (path: readonly PropertyKey[]) => boolean;
}

/** Rounds of taking out: a value that goes may leave its parent without what it needs, and so on upwards. */
const ROUNDS = 8;

/** Reads a source by its schema, as far as that accepts it. */
export function accept<T>(schema: z.ZodType<T>, source: Source): Accepted<T> {
  const first = schema.safeParse(source.value);
  if (first.success) return { value: first.data, source, problems: [], isWhole: () => true };
  const problems = schemaProblems(first.error, { schema, source });
  const rest = createRest(source);
  let result: z.ZodSafeParseResult<T> = first;
  for (let round = 0; round < ROUNDS && !result.success; round++) {
    if (!rest.takeOut(result.error.issues.flatMap(pathsOf))) break;
    result = schema.safeParse(rest.value);
  }
  return {
    value: result.success ? result.data : null,
    source: rest.source,
    problems,
    isWhole: rest.isWhole,
  };
}

type Path = readonly PropertyKey[];

function pathsOf(issue: z.core.$ZodIssue): readonly Path[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

interface Rest {
  readonly value: unknown;
  readonly source: Source;
  readonly isWhole: (path: Path) => boolean;
  /** False: a path leads to the root, and nothing would be left. */
  takeOut(paths: readonly Path[]): boolean;
}

/** A copy of a value that loses parts of itself and still knows where the others stood. */
function createRest(original: Source): Rest {
  const value = structuredClone(original.value);
  /** Whatever lost something, itself or further down. */
  const touched = new WeakSet<object>();
  const lostKeys = new WeakMap<object, Set<PropertyKey>>();
  const places = new WeakMap<object, readonly number[]>();
  const at: Source['at'] = (path, what) => {
    let node: unknown = value;
    const written = path.map((part) => {
      const index = Array.isArray(node) ? places.get(node)?.[Number(part)] : undefined;
      node = child(node, part);
      return index ?? part;
    });
    return original.at(written, what);
  };

  /** What a path leads to; where nothing is there, something that is needed is missing, and its owner goes. */
  const targetOf = (path: Path): Path => (nodeAt(value, path) === undefined ? path.slice(0, -1) : path);

  return {
    value,
    isWhole(path) {
      const node = nodeAt(value, path);
      if (typeof node === 'object' && node !== null) return !touched.has(node);
      const owner = nodeAt(value, path.slice(0, -1));
      return typeof owner !== 'object' || owner === null || lostKeys.get(owner)?.has(path.at(-1)!) !== true;
    },
    source: { name: original.name, value, at },
    takeOut(paths) {
      const targets = paths.map((path) => (path.length === 0 ? path : targetOf(path)));
      if (targets.some((path) => path.length === 0)) return false;
      const lost = new Map<unknown[], Set<number>>();
      for (const path of targets) {
        for (const [index] of path.entries()) {
          const above = nodeAt(value, path.slice(0, index));
          if (typeof above === 'object' && above !== null) touched.add(above);
        }
        const owner = nodeAt(value, path.slice(0, -1));
        const key = path.at(-1)!;
        if (Array.isArray(owner)) lost.set(owner, (lost.get(owner) ?? new Set()).add(Number(key)));
        else if (typeof owner === 'object' && owner !== null) {
          lostKeys.set(owner, (lostKeys.get(owner) ?? new Set()).add(key));
          delete (owner as Record<PropertyKey, unknown>)[key];
        }
      }
      for (const [list, indexes] of lost) {
        const before = places.get(list) ?? list.map((_, index) => index);
        const kept = list.flatMap((each, index) => (indexes.has(index) ? [] : [{ each, place: before[index]! }]));
        list.length = 0;
        for (const { each } of kept) list.push(each);
        places.set(
          list,
          kept.map(({ place }) => place),
        );
      }
      return true;
    },
  };
}

function nodeAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(child, root);
}

function child(node: unknown, part: PropertyKey): unknown {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, part)) return undefined;
  return (node as Record<PropertyKey, unknown>)[part];
}

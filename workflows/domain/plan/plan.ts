import type { IssueDocument } from '../issue.ts';

/** The issues of one batch in the user's order, with what blocks what; a value, no effects. */
export interface PlanDocument {
  readonly version: 1;
  readonly name: string;
  readonly issues: readonly IssueDocument[];
}

/** The part of an issue that decides whether a plan is sound. */
export interface PlanNode {
  readonly id: string;
  readonly key: string;
  readonly dependencies: readonly string[];
}

/** Why a plan cannot run; `at` is the index of the issue, `nth` that of its dependency. */
export type PlanProblem =
  | { readonly kind: 'empty' }
  | { readonly kind: 'duplicate-id'; readonly at: number; readonly first: number }
  /** Two ids that are the same name to a file system which ignores case, or that hash alike. */
  | { readonly kind: 'same-key'; readonly at: number; readonly first: number }
  | { readonly kind: 'self-dependency'; readonly at: number; readonly nth: number }
  | { readonly kind: 'unknown-dependency'; readonly at: number; readonly nth: number }
  /** Indexes of issues, each waiting for the next; the first is the last. */
  | { readonly kind: 'cycle'; readonly path: readonly number[] };

/** Everything that is wrong with a plan, in the plan's order; of entangled cycles one. Linear in the plan. */
export function planProblems(nodes: readonly PlanNode[]): readonly PlanProblem[] {
  if (nodes.length === 0) return [{ kind: 'empty' }];
  const problems: PlanProblem[] = [];
  const byId = new Map<string, number>();
  const byKey = new Map<string, number>();
  for (const [at, { id, key }] of nodes.entries()) {
    const sameId = byId.get(id);
    const sameKey = byKey.get(key.toLowerCase());
    if (sameId !== undefined) problems.push({ kind: 'duplicate-id', at, first: sameId });
    else if (sameKey !== undefined) problems.push({ kind: 'same-key', at, first: sameKey });
    if (sameId === undefined) byId.set(id, at);
    if (sameKey === undefined) byKey.set(key.toLowerCase(), at);
  }
  for (const [at, { id, dependencies }] of nodes.entries()) {
    for (const [nth, dependency] of dependencies.entries()) {
      if (dependency === id) problems.push({ kind: 'self-dependency', at, nth });
      else if (!byId.has(dependency)) problems.push({ kind: 'unknown-dependency', at, nth });
    }
  }
  const edges = edgesOf(nodes).map((targets, at) => targets.filter((target) => target !== at));
  return [...problems, ...cycles(edges).map((path): PlanProblem => ({ kind: 'cycle', path }))];
}

/**
 * Groups issues into waves, each of which depends on earlier waves only; indexes, in the plan's order. An issue that is
 * `done` satisfies its dependents and is in no wave, and neither are the issues of a cycle.
 */
export function waves(nodes: readonly PlanNode[], done: (index: number) => boolean): readonly (readonly number[])[] {
  const open = edgesOf(nodes).map((targets) => targets.filter((target) => !done(target)));
  const { layers } = peel(
    open,
    nodes.flatMap((_, index) => (done(index) ? [] : [index])),
  );
  return layers;
}

/** Dependencies as indexes, each once; unknown ones are left out. */
function edgesOf(nodes: readonly PlanNode[]): readonly (readonly number[])[] {
  const byId = new Map(nodes.map(({ id }, index) => [id, index]));
  return nodes.map(({ dependencies }) => [...new Set(dependencies.flatMap((id) => byId.get(id) ?? []))]);
}

/** Removes, layer by layer, the issues that wait for nothing that is left; `rest` are those that wait in circles. */
function peel(
  edges: readonly (readonly number[])[],
  from: readonly number[],
): { readonly layers: readonly (readonly number[])[]; readonly rest: ReadonlySet<number> } {
  const dependents: number[][] = edges.map(() => []);
  for (const at of from) for (const target of edges[at]!) dependents[target]!.push(at);
  const open = edges.map((targets) => targets.length);
  const rest = new Set(from);
  const layers: number[][] = [];
  let layer = from.filter((at) => open[at] === 0);
  while (layer.length > 0) {
    layers.push(layer);
    for (const at of layer) rest.delete(at);
    layer = layer
      .flatMap((at) => dependents[at]!)
      .filter((at) => --open[at]! === 0)
      .sort((a, b) => a - b);
  }
  return { layers, rest };
}

/** Walks through what peeling left: every issue there waits for another one there, so each walk ends in a circle. */
function cycles(edges: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const { rest } = peel(
    edges,
    edges.map((_, index) => index),
  );
  const found: number[][] = [];
  const seen = new Set<number>();
  for (const start of rest) {
    const position = new Map<number, number>();
    const walk: number[] = [];
    let at = start;
    while (!seen.has(at)) {
      seen.add(at);
      position.set(at, walk.push(at) - 1);
      at = edges[at]!.find((target) => rest.has(target))!;
    }
    const begin = position.get(at);
    if (begin !== undefined) found.push([...walk.slice(begin), at]);
  }
  return found;
}

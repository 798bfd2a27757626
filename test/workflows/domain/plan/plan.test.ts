import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planProblems, waves, type PlanNode } from '../../../../workflows/domain/plan/plan.ts';

function node(id: string, ...dependencies: readonly string[]): PlanNode {
  return { id, key: id, dependencies };
}

/** Up to 12 issues; dependencies are drawn from all of them, so that most graphs have circles. */
const anyGraph = fc.integer({ min: 1, max: 12 }).chain((size) => {
  const ids = Array.from({ length: size }, (_, index) => `i${index}`);
  const dependencies = fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 2 });
  return fc
    .array(dependencies, { minLength: size, maxLength: size })
    .map((all) => ids.map((id, at) => node(id, ...all[at]!)));
});

/** Dependencies point backwards only, and the plan's order is shuffled. */
const acyclicGraph = fc.integer({ min: 1, max: 15 }).chain((size) =>
  fc
    .tuple(
      ...Array.from({ length: size }, (_, at) => fc.uniqueArray(fc.nat(Math.max(0, at - 1)), { maxLength: at && 3 })),
    )
    .map((all) => all.map((targets, at) => node(`i${at}`, ...targets.map((target) => `i${target}`))))
    .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length })),
);

const nothingDone = () => false;

test('an accepted plan has an order in which every issue comes after all that it depends on', () => {
  fc.assert(
    fc.property(anyGraph, (nodes) => {
      const accepted = planProblems(nodes).length === 0;
      const order = waves(nodes, nothingDone).flat();
      expect(order.length === nodes.length).toBe(accepted);
      const position = new Map(order.map((index, at) => [nodes[index]!.id, at]));
      for (const index of order) {
        for (const id of nodes[index]!.dependencies)
          expect(position.get(id)).toBeLessThan(position.get(nodes[index]!.id)!);
      }
    }),
  );
});

test('a reported circle is one: each issue in it depends on the next, and no issue is in two of them', () => {
  fc.assert(
    fc.property(anyGraph, (nodes) => {
      const circles = planProblems(nodes).flatMap((problem) => (problem.kind === 'cycle' ? [problem.path] : []));
      for (const path of circles) {
        expect(path.length).toBeGreaterThan(2);
        expect(path.at(-1)).toBe(path[0]);
        for (const [at, index] of path.slice(0, -1).entries()) {
          expect(nodes[index]!.dependencies).toContain(nodes[path[at + 1]!]!.id);
        }
      }
      const members = circles.flatMap((path) => path.slice(1));
      expect(new Set(members).size).toBe(members.length);
    }),
  );
});

test('a plan without a circle is accepted in any order, and each issue is one wave after its latest dependency', () => {
  fc.assert(
    fc.property(acyclicGraph, (nodes) => {
      expect(planProblems(nodes)).toEqual([]);
      const wave = new Map(
        waves(nodes, nothingDone).flatMap((layer, at) => layer.map((index) => [nodes[index]!.id, at])),
      );
      for (const { id, dependencies } of nodes) {
        expect(wave.get(id)).toBe(Math.max(-1, ...dependencies.map((each) => wave.get(each)!)) + 1);
      }
    }),
  );
});

test('what is done is in no wave and holds nothing back', () => {
  fc.assert(
    fc.property(acyclicGraph, fc.integer({ min: 0, max: 14 }), (nodes, seed) => {
      const done = (index: number) => index % 3 === seed % 3;
      const layers = waves(nodes, done);
      expect(layers.flat().toSorted((a, b) => a - b)).toEqual(
        nodes.flatMap((_, index) => (done(index) ? [] : [index])),
      );
      const first = new Set(layers[0]);
      for (const [index, { dependencies }] of nodes.entries()) {
        const open = dependencies.some((id) => !done(nodes.findIndex((each) => each.id === id)));
        if (!done(index)) expect(first.has(index)).toBe(!open);
      }
    }),
  );
});

test.for([
  ['no issue', [], [{ kind: 'empty' }]],
  ['an id twice', [node('a'), node('b'), node('a')], [{ kind: 'duplicate-id', at: 2, first: 0 }]],
  ['keys that differ in case', [node('Ab'), node('aB')], [{ kind: 'same-key', at: 1, first: 0 }]],
  ['itself', [node('a', 'a')], [{ kind: 'self-dependency', at: 0, nth: 0 }]],
  ['an unknown one', [node('a'), node('b', 'a', 'c')], [{ kind: 'unknown-dependency', at: 1, nth: 1 }]],
  ['a circle', [node('a', 'b'), node('b', 'c'), node('c', 'a')], [{ kind: 'cycle', path: [0, 1, 2, 0] }]],
  ['a tail on a circle', [node('t', 'a'), node('a', 'b'), node('b', 'a')], [{ kind: 'cycle', path: [1, 2, 1] }]],
] as const)('%s is reported with its place', ([, nodes, problems]) => {
  expect(planProblems(nodes)).toEqual(problems);
});

test('two knots are two reports', () => {
  const knots = [node('a', 'b'), node('b', 'a'), node('c', 'd'), node('d', 'c')];
  expect(planProblems(knots)).toEqual([
    { kind: 'cycle', path: [0, 1, 0] },
    { kind: 'cycle', path: [2, 3, 2] },
  ]);
});

test('a chain of 10,000 issues, listed last first, is checked and layered without a deep stack', () => {
  const chain = Array.from({ length: 10_000 }, (_, at) => node(`i${at}`, ...(at < 9_999 ? [`i${at + 1}`] : [])));
  expect(planProblems(chain)).toEqual([]);
  expect(waves(chain, nothingDone)).toHaveLength(10_000);
  const closed = [...chain.slice(0, -1), node('i9999', 'i0')];
  expect(planProblems(closed)).toMatchObject([{ kind: 'cycle', path: { length: 10_001 } }]);
});

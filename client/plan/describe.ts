import type { PlanNode, PlanProblem } from '../../workflows/domain/plan/plan.ts';
import type { Problem } from '../input/errors.ts';
import { closest } from '../input/suggest.ts';
import { quote } from '../input/text.ts';
import type { Entry } from './entry.ts';

/** Issues of a circle that are printed; a longer one is abbreviated. */
const CYCLE_SHOWN = 20;

/** Describes a problem of the plan as a whole, with its place; `nodes` and `entries` are in the same order. */
export function describePlanProblem(
  problem: PlanProblem,
  nodes: readonly PlanNode[],
  entries: readonly Entry[],
): Problem {
  const idOf = (at: number) => quote(nodes[at]!.id);
  switch (problem.kind) {
    case 'empty':
      return { where: 'PLAN', what: 'there is no issue in it', mend: 'add one' };
    case 'duplicate-id': {
      const first = entries[problem.first]!.at('id');
      return {
        where: entries[problem.at]!.at('id'),
        what: `the id ${idOf(problem.at)} appears twice, first at ${first}`,
        mend: 'give one of the two another id',
      };
    }
    case 'same-key':
      return {
        where: entries[problem.at]!.at('id'),
        what: `the ids ${idOf(problem.first)} and ${idOf(problem.at)} would share a branch and a folder`,
        mend: 'let them differ in more than upper and lower case',
      };
    case 'self-dependency':
      return {
        where: placeOf(entries[problem.at]!, nodes[problem.at]!.id),
        what: `${idOf(problem.at)} depends on itself`,
        mend: 'remove it from its own dependencies',
      };
    case 'unknown-dependency': {
      const dependency = nodes[problem.at]!.dependencies[problem.nth]!;
      const ids = nodes.map(({ id }) => id);
      const near = closest(dependency, ids);
      return {
        where: placeOf(entries[problem.at]!, dependency),
        what: `${idOf(problem.at)} depends on ${quote(dependency)}, which is not in the plan`,
        mend: near === null ? `remove it, or name one of: ${some([...new Set(ids)])}` : `did you mean ${quote(near)}?`,
      };
    }
    case 'cycle':
      return {
        where: entries[problem.path[0]!]!.at('dependencies'),
        what: `these issues wait for each other: ${cycle(problem.path.map((at) => nodes[at]!.id))}`,
        mend: 'remove one of these dependencies',
      };
  }
}

/** Place of a dependency where it was first written; it may be listed more than once. */
function placeOf(entry: Entry, dependency: string): string {
  const written = entry.fields.dependencies ?? [];
  return entry.at(
    'dependencies',
    written.findIndex((each) => String(each).normalize('NFC') === dependency),
  );
}

function cycle(ids: readonly string[]): string {
  if (ids.length <= CYCLE_SHOWN) return ids.join(' -> ');
  const hidden = ids.length - CYCLE_SHOWN;
  return [...ids.slice(0, CYCLE_SHOWN - 1), `(${hidden} more)`, ids.at(-1)].join(' -> ');
}

function some(ids: readonly string[]): string {
  return ids.length > 10 ? `${ids.slice(0, 10).join(', ')}, ...` : ids.join(', ');
}

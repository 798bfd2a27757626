import { expect, test } from 'vitest';
import { noUsage } from '../../workflows/domain/attempt.ts';
import type { Outcome } from '../../workflows/domain/outcome.ts';
import type { Facts, Pull } from '../support/e2e/facts.ts';
import { findViolations, type Expected } from '../support/e2e/invariants.ts';

// A checker that finds nothing proves nothing: each way in which a batch can go wrong is made once and has to be named.

const [start, work, merge] = ['0', '1', '2'].map((digit) => digit.repeat(40)) as [string, string, string];
const branch = 'millrace/a-work-on-a';
const outcome: Outcome = {
  version: 1,
  kind: 'approved',
  reason: 'approved by review',
  issue: 'a',
  title: 'Work on a',
  branch,
  pullRequest: 1,
  sha: work,
  ref: 'refs/millrace/a/1',
  rounds: 1,
  attempts: 2,
  usage: noUsage,
  durationMs: 1,
};
const pull: Pull = {
  number: 1,
  issue: { key: 'a' },
  branch,
  head: work,
  state: 'open',
  reviews: [{ key: `review/1/${work}/1`, sha: work, verdict: 'approved' }],
};
const attempt = {
  version: 1,
  end: { kind: 'worked', claim: 'completed' },
  session: 's',
  head: work,
  changed: true,
  ref: 'refs/millrace/a/1',
  summary: '',
  usage: noUsage,
  durationMs: 1,
} as const;

/** A repository whose refs each reach the given commits. */
function repository(refs: Readonly<Record<string, readonly string[]>>, firstParents = ''): Facts['origin'] {
  const names = Object.entries(refs);
  return {
    refs: new Map(names.map(([name, shas]) => [name, shas[0] as string])),
    reach: (prefix) => new Set(names.flatMap(([name, shas]) => (name.startsWith(prefix) ? shas : []))),
    git: (...args) => (args.includes('--first-parent') ? firstParents : work),
  };
}

const main = { 'refs/heads/main': [start] };
const good: Facts = {
  executions: [{ key: 'a', status: 'COMPLETED', outcome, acknowledged: [attempt] }],
  pulls: [pull],
  successes: new Map([[work, ['millrace/review']]]),
  mirror: repository({ 'refs/millrace/a/1': [work, start] }),
  origin: repository({ ...main, [`refs/heads/${branch}`]: [work, start] }),
  attempts: [],
  leftovers: [],
};
const line = { key: 'a', outcome: 'approved', pullRequest: 1, sha: work, branch };
const expected = {
  base: 'main',
  start,
  rounds: 3,
  outcomes: { a: 'approved' },
  commits: new Map([['a', [work]]]),
  report: { issues: [line] },
} as unknown as Expected;

const named = (facts: Facts, wanted: Expected = expected) =>
  findViolations(facts, wanted).map(({ invariant }) => invariant);
const ended = (change: Partial<Outcome>) => [{ ...good.executions[0]!, outcome: { ...outcome, ...change } }];

test('a batch that ended as it should is not blamed', () => {
  expect(named(good)).toEqual([]);
});

test.each<[string, string, Partial<Facts>]>([
  ['I1', 'a second pull request', { pulls: [pull, { ...pull, number: 2, state: 'closed' }] }],
  ['I1', 'a review that was posted twice', { pulls: [{ ...pull, reviews: [...pull.reviews, ...pull.reviews] }] }],
  ['I1', 'a second branch', { origin: repository({ ...main, [`refs/heads/${branch}`]: [work], 'refs/heads/millrace/a-r2': [work] }) }], // prettier-ignore
  ['I3', 'a process that is left', { leftovers: [{ what: 'process', where: '1', key: null }] }],
  ['I3', 'a worktree that is left', { leftovers: [{ what: 'worktree', where: '/a', key: 'a' }] }],
  ['I4', 'an issue that runs still', { executions: [{ ...good.executions[0]!, status: 'RUNNING', outcome: null }] }],
  ['I4', 'an issue that ran twice', { executions: [...good.executions, ...good.executions] }],
  ['I4', 'another outcome', { executions: ended({ kind: 'failed' }) }],
  ['I4', 'an outcome without a reason', { executions: ended({ reason: '' }) }],
  ['I4', 'an approval of something else', { executions: ended({ sha: start }) }],
  ['I4', 'an approval that nobody gave', { successes: new Map() }],
  ['I4', 'an approval of a closed pull request', { pulls: [{ ...pull, state: 'closed' }] }],
  ['I4', 'an approval without the last work', { executions: [{ ...good.executions[0]!, acknowledged: [{ ...attempt, head: merge }] }], mirror: repository({ 'refs/millrace/a/2': [merge, work] }) }], // prettier-ignore
  ['I5', 'a tag on the remote', { origin: repository({ ...main, [`refs/heads/${branch}`]: [work], 'refs/tags/x': [work] }) }], // prettier-ignore
  ['I5', 'a base that moved without an approval', { origin: repository({ 'refs/heads/main': [merge, start], [`refs/heads/${branch}`]: [work] }, `${merge} ${start} ${start}`) }], // prettier-ignore
  ['I7', 'a round too many', { executions: ended({ rounds: 4 }) }],
])('%s: %s', (invariant, _, change) => {
  expect(named({ ...good, ...change })).toContain(invariant);
});

test('I2: a commit of an agent, or of a journal, that no ref keeps', () => {
  const lost = { ...good, mirror: repository({}), origin: repository({ ...main, [`refs/heads/${branch}`]: [merge] }) };
  expect(named(lost)).toContain('I2');
  const journal = { committed: { head: merge } } as Facts['attempts'][number]['journal'];
  expect(named({ ...good, attempts: [{ key: 'a', attempt: 1, journal }] })).toEqual(['I2']);
});

test('I1: work that landed twice', () => {
  const landings = `${merge} ${start} ${work}\n${'3'.repeat(40)} ${start} ${work}`;
  const origin = repository({ 'refs/heads/main': [merge, work], [`refs/heads/${branch}`]: [work] }, landings);
  expect(named({ ...good, origin })).toEqual(['I1']);
});

test.each([
  ['another outcome', { ...line, outcome: 'failed' }],
  ['another pull request', { ...line, pullRequest: 2 }],
  ['another commit', { ...line, sha: start }],
  ['another issue', { ...line, key: 'b' }],
])('I8: a report of %s', (_, reported) => {
  expect(named(good, { ...expected, report: { issues: [reported] } } as unknown as Expected)).toEqual(['I8']);
});

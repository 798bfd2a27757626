import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstReview, laterReview, type LaterReview } from '../../../../workflows/domain/agent/convergence.ts';
import type { Finding } from '../../../../workflows/domain/review.ts';

const finding = (fingerprint: string, file: string, line: number | null = 1): Finding => ({
  file,
  line,
  severity: 'major',
  body: `finding ${fingerprint}`,
  fingerprint,
});
const open = finding('aaaaaaaa', 'a.ts', 10);
const other = finding('bbbbbbbb', 'b.ts', 20);
const touched = new Map([['a.ts', [[9, 12] as const]]]);

function review(change: Partial<LaterReview>): unknown {
  const decided = laterReview({
    said: 'needs-work',
    findings: [],
    judgements: [],
    earlier: [open, other],
    touched,
    ...change,
  });
  if (decided.kind === 'contradictory') return decided.kind;
  const named = (wanted: boolean) =>
    decided.findings.flatMap((each) => (each.blocking === wanted ? [each.fingerprint] : []));
  return {
    verdict: decided.verdict,
    blocks: named(true),
    notes: named(false),
    resolved: decided.resolved.map((each) => each.fingerprint),
  };
}
const judged = (...resolved: readonly [string, boolean][]) =>
  resolved.map(([finding, is]) => ({ finding, resolved: is }));
const all = judged(['aaaaaaaa', true], ['bbbbbbbb', true]);

test('in the first round a finding blocks where work is asked for, and is noted beside an approval', () => {
  expect(firstReview('needs-work', [open])).toEqual([{ ...open, blocking: true }]);
  expect(firstReview('approved', [open])).toEqual([{ ...open, blocking: false }]);
});

describe('a later round', () => {
  test('is approved when every earlier finding is resolved and nothing new is on touched lines', () => {
    const nit = finding('cccccccc', 'elsewhere.ts', 3);
    expect(review({ judgements: all, findings: [nit] })).toEqual({
      verdict: 'approved',
      blocks: [],
      notes: ['cccccccc'],
      resolved: ['aaaaaaaa', 'bbbbbbbb'],
    });
  });

  test('blocks on a new finding that the fix brought in, also a few lines beside it', () => {
    for (const line of [6, 10, 15, null]) {
      const defect = finding('dddddddd', 'a.ts', line);
      expect(review({ judgements: all, findings: [defect] })).toMatchObject({
        verdict: 'needs-work',
        blocks: ['dddddddd'],
      });
    }
    for (const far of [
      finding('dddddddd', 'a.ts', 30),
      finding('dddddddd', '', null),
      finding('dddddddd', 'b.ts', null),
    ]) {
      expect(review({ judgements: all, findings: [far] })).toMatchObject({ verdict: 'approved', notes: ['dddddddd'] });
    }
  });

  test('blocks on what is not resolved, judged or repeated, wherever it is', () => {
    const judgements = judged(['aaaaaaaa', true], ['bbbbbbbb', false]);
    const wanted = { verdict: 'needs-work', blocks: ['bbbbbbbb'], notes: [], resolved: ['aaaaaaaa'] };
    expect(review({ judgements })).toEqual(wanted);
    expect(review({ judgements: judged(['aaaaaaaa', true]), findings: [other] })).toEqual(wanted);
    expect(review({ said: 'approved', judgements })).toEqual(wanted);
  });

  test('takes silence for the verdict: approved resolves all, needs-work leaves all open', () => {
    expect(review({ said: 'approved' })).toMatchObject({ verdict: 'approved', resolved: ['aaaaaaaa', 'bbbbbbbb'] });
    expect(review({})).toMatchObject({ verdict: 'needs-work', blocks: ['aaaaaaaa', 'bbbbbbbb'] });
  });

  test('of a reviewer that gives a summary alone is its word', () => {
    expect(review({ earlier: [] })).toMatchObject({ verdict: 'needs-work', blocks: [] });
    expect(review({ earlier: [], said: 'approved' })).toMatchObject({ verdict: 'approved' });
  });

  test('that wants work, with all resolved and nothing new, contradicts itself', () => {
    expect(review({ judgements: all })).toBe('contradictory');
  });
});

test('a reviewer that finds another nit every round is content after the second', () => {
  const place = fc.record({
    file: fc.constantFrom('x.ts', 'y.ts', ''),
    line: fc.option(fc.integer({ min: 1, max: 500 })),
  });
  fc.assert(
    fc.property(fc.array(fc.array(place, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }), (rounds) => {
      let earlier: readonly Finding[] = firstReview('needs-work', [open, other]);
      rounds.forEach((places, round) => {
        const nits = places.map(({ file, line }, index) => finding(`${round}${index}`.padStart(8, '0'), file, line));
        const judgements = earlier.map(({ fingerprint = '' }) => ({ finding: fingerprint, resolved: true }));
        const decided = laterReview({ said: 'needs-work', findings: nits, judgements, earlier, touched });
        expect(decided).toMatchObject({ kind: 'decided', verdict: 'approved' });
        earlier = [];
      });
    }),
  );
});

test('what blocks once goes on to block until it is judged resolved, and never comes back after', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), (resolutions) => {
      let earlier: readonly Finding[] = [open];
      for (const resolved of resolutions) {
        const said = resolved ? 'approved' : 'needs-work';
        const decided = laterReview({
          said,
          findings: [],
          judgements: judged(['aaaaaaaa', resolved]),
          earlier,
          touched,
        });
        expect(decided).toMatchObject({ verdict: said });
        if (decided.kind === 'contradictory' || resolved) return;
        earlier = decided.findings;
        expect(earlier.map((each) => each.fingerprint)).toEqual(['aaaaaaaa']);
      }
    }),
  );
});

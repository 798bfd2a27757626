import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AttemptEnd } from '../../../workflows/domain/attempt.ts';
import type { ReviewDocument } from '../../../workflows/domain/review.ts';
import { groundFor, run } from '../../support/attempt/attempts.ts';

const nit = (file: string, body: string, fingerprint: string) => ({
  file,
  line: 1,
  severity: 'minor',
  body,
  fingerprint,
});

/** A line that says what a reviewer thinks. */
function says(findings: readonly unknown[], earlier: readonly unknown[] = []): string {
  return JSON.stringify({ type: 'result', verdict: 'needs-work', summary: 'one more', findings, earlier });
}

/** What becomes of a reviewer's words, round by round, while each fix adds a line to `fixed.txt`. */
async function reviewed(...words: readonly string[]) {
  const ground = await groundFor('reviews', words);
  const { artifacts } = ground.repository;
  const first = ground.input();
  const ends: AttemptEnd[] = [];
  let [head, since, text]: [string, string | null, string] = [first.head, null, ''];
  let earlier: ReviewDocument | null = null;
  for (const [index] of words.entries()) {
    const ask = { kind: 'review', earlier: earlier && (await artifacts.put(earlier)), since } as const;
    const { end } = await run(
      ground,
      ground.input({ role: 'review', attempt: index + 1, round: index + 1, head, ask }),
    );
    ends.push(end);
    if (end.kind !== 'reviewed' || end.verdict === 'approved') break;
    earlier = await artifacts.get<ReviewDocument>(end.review);
    since = head;
    text += `fix ${index + 1}\n`;
    writeFileSync(join(ground.root, 'origin', 'fixed.txt'), text);
    await ground.git('add', 'fixed.txt');
    await ground.git('commit', '--quiet', '--message', 'fix');
    head = await ground.fetch();
  }
  return ends.map((end) => (end.kind === 'reviewed' ? [end.verdict, end.findings] : [end.kind, 0]));
}

test('a reviewer that finds a nit in the untouched code every round is content after the second', async () => {
  const verdicts = await reviewed(
    says([nit('greeting.txt', 'a comma', '00000001')]),
    says([nit('greeting.txt', 'a full stop', '00000002')], [{ finding: '00000001', resolved: true }]),
  );
  expect(verdicts).toEqual([
    ['needs-work', 1],
    ['approved', 0],
  ]);
});

test('what the fix brought in blocks, and what is not resolved goes on to block', async () => {
  const verdicts = await reviewed(
    says([nit('greeting.txt', 'a comma', '00000001')]),
    says([nit('fixed.txt', 'wrong', '00000002')], [{ finding: '00000001', resolved: false }]),
    says(
      [nit('greeting.txt', 'new and late', '00000003')],
      [
        { finding: '00000001', resolved: true },
        { finding: '00000002', resolved: true },
      ],
    ),
  );
  expect(verdicts).toEqual([
    ['needs-work', 1],
    ['needs-work', 2],
    ['approved', 0],
  ]);
});

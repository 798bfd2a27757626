import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { BatchReader, BatchView } from '../../../client/batch/view.ts';
import { follow } from '../../../client/render/follow.ts';
import type { IssueView } from '../../../client/batch/issue-view.ts';

const issue: IssueView = {
  id: '42',
  key: '42',
  title: 'Mend it',
  stage: 'publishing',
  outcome: null,
  reason: '',
  round: 0,
  attempts: 1,
  branch: null,
  pullRequest: null,
  sha: null,
  ref: null,
  costUsd: 0,
  durationMs: 1,
  lastLine: null,
  retry: null,
  notes: [],
  workflowId: 'w',
  runId: 'r',
};

const batch: BatchView = {
  batch: 'b',
  repo: 'r',
  state: 'running',
  width: 1,
  landing: 'none',
  rounds: 3,
  settings: 's',
  startedAt: '',
  durationMs: 1,
  costUsd: 0,
  issues: [],
};

/** What is printed into a pipe while an issue is seen in these states, one after the other. */
async function followed(seen: readonly Partial<IssueView>[], quiet = false) {
  const rest = [...seen];
  const asked: unknown[] = [];
  const reader: BatchReader = {
    closed: () => new Promise(() => {}),
    async read(_, options) {
      asked.push(options?.lastLines);
      const next = rest.shift();
      if (next) return { ...batch, issues: [{ ...issue, ...next }] };
      return { ...batch, state: 'done', issues: [{ ...issue, stage: 'done', outcome: 'approved' }] };
    },
  };
  let text = '';
  const write = (chunk: unknown, _: unknown, done: () => void) => {
    text += String(chunk);
    done();
  };
  const out = new Writable({ write }) as NodeJS.WriteStream;
  await follow({ reader, batch: 'b', out, signal: new AbortController().signal, quiet });
  return { lines: text.trimEnd().split('\n'), asked };
}

test('a pipe is told why a step is tried again, once for each reason', async () => {
  const away = (seconds: number) => `POST /repos/o/r/pulls: 502 (tried again by itself in ${seconds} s)`;
  const { lines, asked } = await followed([
    {},
    { retry: away(2) },
    { retry: away(4) },
    { retry: 'GET /user:\u001b[2J refused' },
    { retry: away(9) },
  ]);
  expect(lines).toEqual([
    '[#42] Worker completed → publishing',
    `[#42] publishing is tried again: ${away(2)}`,
    '[#42] publishing is tried again: GET /user:[2J refused',
    '[#42] Review: approved ✓',
  ]);
  expect(new Set(asked)).toEqual(new Set([true]));
});

test('who wants one document at the end hears nothing before, and nothing is asked for it', async () => {
  const { lines, asked } = await followed([{ retry: 'away' }], true);
  expect(lines).toEqual(['']);
  expect(new Set(asked)).toEqual(new Set([false]));
});

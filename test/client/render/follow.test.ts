import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { BatchReader, BatchView } from '../../../client/batch/view.ts';
import type { IssueView } from '../../../client/issue/view.ts';
import type { RecordedStep } from '../../../client/issue/record.ts';
import { follow } from '../../../client/render/follow.ts';
import { createTeller, type Teller } from '../../../client/render/teller.ts';

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
  published: null,
  pullRequest: null,
  sha: null,
  ref: null,
  hasWork: null,
  costUsd: 0,
  durationMs: 1,
  waitedMs: 0,
  lastLine: null,
  retry: null,
  notes: [],
  failedChecks: [],
  findings: null,
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
  startedAt: new Date(1_000).toISOString(),
  durationMs: 1,
  costUsd: 0,
  issues: [],
};

/** The history of a run up to some stages, as the workflow has written it down; the first is at 2 s. */
function history(...stages: readonly (string | Partial<RecordedStep>)[]): RecordedStep[] {
  return stages.map((stage, index) => ({
    event: 5 + 7 * index,
    at: new Date(2_000 + index),
    stage: 'implementing',
    outcome: null,
    round: 0,
    pullRequest: null,
    reason: '',
    ...(typeof stage === 'string' ? { stage } : stage),
  }));
}

const approved = { stage: 'done', outcome: 'approved', reason: 'approved by review', round: 1 } as const;
const end: Partial<IssueView> = approved;

interface Look {
  readonly issues: readonly Partial<IssueView>[];
  /** What the server keeps by then, by run. */
  readonly histories: Readonly<Record<string, readonly RecordedStep[]>>;
}

/** A batch that is looked at so often, and what the server keeps each time. */
function scripted(looks: readonly Look[]) {
  const rest = [...looks];
  const asked: unknown[] = [];
  let now = rest[0]!;
  const reader: BatchReader = {
    closed: () => new Promise(() => {}),
    async read(_, options) {
      asked.push(options?.lastLines);
      now = rest.shift() ?? now;
      const issues = now.issues.map((facts) => ({ ...issue, ...facts }));
      return { ...batch, state: rest.length === 0 ? 'done' : 'running', issues };
    },
    steps: async ({ runId }) => now.histories[runId] ?? [],
  };
  return { reader, asked };
}

/** `columns`: of the terminal behind the stream; left out: there is none. */
type Printing = { readonly quiet?: boolean; readonly teller?: Teller; readonly columns?: number };

/** What is printed into a pipe until nothing is left of the script. */
async function printed(reader: BatchReader, how: Printing = {}) {
  let text = '';
  const write = (chunk: unknown, _: unknown, done: () => void) => {
    text += String(chunk);
    done();
  };
  const out = new Writable({ write }) as NodeJS.WriteStream;
  const { quiet = false, teller, columns } = how;
  Object.assign(out, { columns, isTTY: columns !== undefined });
  await follow({ reader, batch: 'b', out, signal: new AbortController().signal, quiet, teller });
  return text.trimEnd().split('\n');
}

test('a terminal without a size is told in lines, since no table fits into it', async () => {
  const { reader } = scripted([{ issues: [end], histories: { r: history('preparing', approved) } }]);
  expect(await printed(reader, { columns: 0 })).toEqual(['[#42] preparing...', '[#42] Review: approved ✓']);
});

test('a pipe is told every step, however quick it was, and none of them twice', async () => {
  const whole = history(
    'preparing',
    'implementing',
    'checking',
    'fixing',
    'checking',
    'publishing',
    { stage: 'reviewing', pullRequest: 7 },
    { stage: 'fixing', round: 1 },
    { stage: 'reviewing', round: 1 },
    approved,
  );
  const { reader } = scripted([
    { issues: [{ stage: 'preparing' }], histories: { r: whole.slice(0, 1) } },
    { issues: [{ stage: 'preparing' }], histories: { r: whole.slice(0, 1) } },
    { issues: [{ stage: 'checking' }], histories: { r: whole.slice(0, 5) } },
    { issues: [end], histories: { r: whole } },
    { issues: [end], histories: { r: whole } },
  ]);
  expect(await printed(reader)).toEqual([
    '[#42] preparing...',
    '[#42] implementing...',
    '[#42] checking...',
    '[#42] Checks failed → fixing',
    '[#42] checking...',
    '[#42] Worker completed → publishing',
    '[#42] Worker completed → PR #7 → reviewing (round 1/3)',
    '[#42] Review: needs work → fixing (round 1/3)',
    '[#42] Fix completed → re-reviewing (round 2/3)',
    '[#42] Review: approved ✓',
  ]);
});

test('an issue that was over before the first look is told from its beginning, in the order of all', async () => {
  const other = { id: 'b', key: 'b', workflowId: 'w2', runId: 'r2' };
  const [first, last] = history('preparing', approved) as [RecordedStep, RecordedStep];
  const { reader } = scripted([
    {
      issues: [end, { ...end, ...other }],
      histories: {
        r: [first, { ...last, at: new Date(9_000) }],
        r2: [
          { ...first, at: new Date(3_000) },
          { ...last, at: new Date(4_000) },
        ],
      },
    },
  ]);
  expect(await printed(reader)).toEqual([
    '[#42] preparing...',
    '[b] preparing...',
    '[b] Review: approved ✓',
    '[#42] Review: approved ✓',
  ]);
});

test('after a retry only what is new is told, and of the run before what it had still to say', async () => {
  const old = history('preparing', { stage: 'done', outcome: 'failed', reason: 'no' });
  const again = history('preparing', 'implementing', approved);
  const failed = { stage: 'done', outcome: 'failed', reason: 'no' } as const;
  const waits = {
    id: 'c',
    key: 'c',
    stage: 'waiting (dependency)',
    reason: 'waits for 42 (failed)',
    workflowId: null,
    runId: null,
  };
  const before = scripted([{ issues: [failed, waits], histories: { r: old } }]);
  const teller = createTeller({ steps: (run) => reader.steps(run) });
  const { reader } = scripted([
    { issues: [failed, waits], histories: { r: old } },
    { issues: [{ stage: 'implementing', runId: 'again' }, waits], histories: { r: old, again: again.slice(0, 2) } },
    { issues: [{ ...end, runId: 'again' }, waits], histories: { r: old, again } },
  ]);
  await teller.skip(await reader.read('b'));
  expect(await printed(reader, { teller })).toEqual([
    '[#42] preparing...',
    '[#42] implementing...',
    '[#42] Review: approved ✓',
  ]);
  // Nobody had told anything: then the run before comes first.
  expect(await printed(before.reader)).toEqual(['[#42] preparing...', '[#42] failed: no', '[c] waits for 42 (failed)']);
});

test('of an issue that another batch had begun, only where it stands and what follows is told', async () => {
  const long = history('preparing', 'implementing', 'checking', approved).map((step, index) => ({
    ...step,
    at: new Date(index < 2 ? 100 + index : 5_000 + index),
  }));
  const { reader } = scripted([{ issues: [end], histories: { r: long } }]);
  expect(await printed(reader)).toEqual(['[#42] implementing...', '[#42] checking...', '[#42] Review: approved ✓']);
});

test('an issue that waits for a person is told with the reason and the first finding', async () => {
  const waiting = {
    stage: 'waiting (human)',
    outcome: 'needs-manual-review',
    reason: 'review still needs work',
  } as const;
  const first = { file: 'src/a.ts', line: 12, severity: 'major', body: 'the colour\u001b[2J is wrong' };
  const findings = { bySeverity: { major: 2, minor: 1 }, first };
  const { reader } = scripted([{ issues: [{ ...waiting, findings }], histories: { r: history(waiting) } }]);
  expect(await printed(reader)).toEqual([
    '[#42] needs-manual-review: review still needs work (2 major, 1 minor; src/a.ts:12: the colour[2J is wrong)',
  ]);
});

test('a look that breaks off takes no line with it', async () => {
  const whole = history('preparing', approved);
  let breaks = 1;
  const { reader } = scripted([
    { issues: [{}, { id: 'b', key: 'b', runId: 'r2' }], histories: { r: whole.slice(0, 1) } },
    { issues: [end, { ...end, id: 'b', key: 'b', runId: 'r2' }], histories: { r: whole, r2: whole } },
  ]);
  const unsteady: BatchReader = {
    ...reader,
    steps: (run) => {
      if (run.runId === 'r2' && breaks-- > 0) throw Object.assign(new Error('away'), { code: 14 });
      return reader.steps(run);
    },
  };
  expect((await printed(unsteady)).toSorted()).toEqual(
    ['[#42] preparing...', '[b] preparing...', '[b] Review: approved ✓', '[#42] Review: approved ✓'].toSorted(),
  );
});

test('a pipe is told why a step is tried again, once for each reason', async () => {
  const away = (seconds: number) => `POST /repos/o/r/pulls: 502 (tried again by itself in ${seconds} s)`;
  const histories = { r: history('publishing') };
  const seen = [
    {},
    { retry: away(2) },
    { retry: away(4) },
    { retry: 'GET /user:\u001b[2J refused' },
    { retry: away(9) },
  ];
  const { reader, asked } = scripted([
    ...seen.map((facts) => ({ issues: [facts], histories })),
    { issues: [end], histories: { r: history('publishing', approved) } },
  ]);
  expect(await printed(reader)).toEqual([
    '[#42] Worker completed → publishing',
    `[#42] publishing is tried again: ${away(2)}`,
    '[#42] publishing is tried again: GET /user:[2J refused',
    '[#42] Review: approved ✓',
  ]);
  expect(new Set(asked)).toEqual(new Set([true]));
});

test('who wants one document at the end hears nothing before, and nothing is asked for it', async () => {
  const { reader, asked } = scripted([
    { issues: [{ retry: 'away' }], histories: { r: history('publishing') } },
    { issues: [end], histories: { r: history('publishing', approved) } },
  ]);
  expect(await printed(reader, { quiet: true })).toEqual(['']);
  expect(new Set(asked)).toEqual(new Set([false]));
});

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { BatchView } from '../../client/batch/view.ts';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import type { OutcomeKind } from '../../workflows/domain/outcome.ts';
import { agentRuns, isAnyAlive } from '../support/e2e/agent-log.ts';
import { contradictions } from '../support/e2e/contradictions.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import { createProject, type ScriptedIssue } from '../support/e2e/project.ts';

const FOREVER = 600_000;
const GIGABYTE = 1_000_000_000;

/** The most that is kept of what an agent says, and a line that says so. */
const TRANSCRIPT_BYTES = 64 * 1024 * 1024 + 100;

/** Far below what was flooded, far above what a worker takes for its own work. */
const MOST_GROWTH_MB = 300;

interface Misbehaviour {
  readonly id: string;
  readonly script: Readonly<Record<string, unknown>>;
  readonly outcome: OutcomeKind;
  readonly reason: string | RegExp;
  /** Roles of the agents that ran, in their order. */
  readonly runs: readonly string[];
}

const work = (id: string) => ({ write: { [`${id}.txt`]: `work of ${id}\n` } });
const commits = 'git add . && git -c user.name=a -c user.email=a@localhost commit --quiet --message=work';

/** What agents do, and what must come of it. */
function misbehaviours(memory: string): readonly Misbehaviour[] {
  return [
    {
      id: 'hangs',
      script: { implement: { end: 'hang' } },
      outcome: 'failed',
      reason: 'silent for longer than its profile allows (limits.idle)',
      runs: ['implement', 'implement', 'implement'],
    },
    {
      id: 'floods',
      script: { implement: { flood: { bytes: GIGABYTE }, ...work('floods') } },
      outcome: 'needs-manual-review',
      reason: 'implement: output of the profile used up',
      runs: ['implement'],
    },
    {
      id: 'babbles',
      script: { implement: { ...work('babbles'), end: 'garbage' } },
      outcome: 'approved',
      reason: 'approved by review',
      runs: ['implement', 'review'],
    },
    {
      id: 'idles',
      script: { implement: { end: 'silent' } },
      outcome: 'failed',
      reason: /^agent gave up/,
      runs: ['implement', 'implement'],
    },
    {
      id: 'salvaged',
      script: { implement: { ...work('salvaged'), commit: 'half of it', end: 'crash', summary: 'out of memory' } },
      outcome: 'approved',
      reason: 'approved by review',
      runs: ['implement', 'implement', 'implement', 'review'],
    },
    {
      id: 'crashes',
      script: { implement: { end: 'crash', summary: 'no such model' } },
      outcome: 'failed',
      reason: /exited with 1 without a result.*no such model/s,
      runs: ['implement', 'implement', 'implement'],
    },
    {
      id: 'recovers',
      script: { implement: [{ once: join(memory, 'recovers'), end: 'crash' }, work('recovers')] },
      outcome: 'approved',
      reason: 'approved by review',
      runs: ['implement', 'implement', 'review'],
    },
    {
      id: 'exits',
      script: { implement: { ...work('exits'), exit: 3, via: 'file' } },
      outcome: 'approved',
      reason: 'approved by review',
      runs: ['implement', 'review'],
    },
    {
      id: 'escapes',
      script: { implement: { ...work('escapes'), child: { ms: FOREVER, escapes: true } } },
      outcome: 'approved',
      reason: 'approved by review',
      runs: ['implement', 'review'],
    },
    {
      id: 'deletes',
      script: { implement: [{ when: { attempt: 2 }, ...work('deletes') }, { remove: ['.'] }] },
      outcome: 'approved',
      reason: 'approved by review',
      runs: ['implement', 'implement', 'review'],
    },
    {
      id: 'vanishes',
      script: {
        implement: { run: [['sh', '-c', `echo x > vanishes.txt && ${commits} && rm -rf "$PWD"`]], end: 'completed' },
      },
      outcome: 'approved',
      reason: 'approved by review',
      runs: ['implement', 'review'],
    },
    {
      id: 'undecided',
      script: { implement: work('undecided'), review: { end: 'garbage' } },
      outcome: 'review-failed',
      reason: /gave no verdict, asked twice/,
      runs: ['implement', 'review', 'review'],
    },
    {
      id: 'nitpicks',
      script: {
        implement: work('nitpicks'),
        fix: { append: { 'nitpicks.txt': 'mended\n' } },
        review: [
          { end: 'needs-work', findings: [{ file: 'nitpicks.txt', line: 1, body: 'a defect' }] },
          { end: 'needs-work', resolved: true, findings: [{ file: 'README.md', line: 1, body: 'a matter of taste' }] },
        ],
      },
      outcome: 'approved',
      reason: 'approved by review',
      runs: ['implement', 'review', 'fix', 'review'],
    },
    {
      id: 'limited',
      script: {
        implement: [{ once: join(memory, 'limited'), end: 'limited', resetMs: 2_000 }, work('limited')],
      },
      outcome: 'approved',
      reason: 'approved by review',
      runs: ['implement', 'implement', 'review'],
    },
    {
      id: 'costs',
      script: { implement: { ...work('costs'), usage: { costUsd: 7.5 }, end: 'hang' } },
      outcome: 'needs-manual-review',
      reason: /^implement: the attempt's budget of \$5 is spent \(\$7\.5\)$/,
      runs: ['implement'],
    },
  ];
}

describe.skipIf(inject('temporal') === null)('an agent', () => {
  let home: Home;
  beforeAll(async () => {
    home = await createHome();
    await home.up({ MILLRACE_SLOTS: '4' });
  });
  afterAll(() => home.remove());

  /** Largest resident set of the worker so far, MB; null where the system does not tell. */
  async function peakOfWorker(): Promise<number | null> {
    if (process.platform !== 'linux') return null;
    const { pid } = (await home.worker())!;
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
    return Number(kilobytes) / 1024;
  }

  test('that misbehaves ends in the right outcome, and leaves no process and no memory behind', async () => {
    const cases = misbehaviours(home.root);
    const issues: readonly ScriptedIssue[] = cases.map(({ id, script }) => ({ id, script }));
    const project = await createProject(home, { issues, limits: { idle: '5s', costUsd: 5 } });
    const before = await peakOfWorker();
    const ran = await home.run([...project.batch, '--width', '14', '--json'], { withinMs: 240_000 });
    const after = await peakOfWorker();
    const view = ran.json<BatchView>();
    const runs = agentRuns(project.log);
    const of = (id: string) => runs.filter((run) => run.issue === id);

    for (const { id, outcome, reason, runs: roles } of cases) {
      const issue = view.issues.find((each) => each.id === id)!;
      expect([id, issue.outcome, issue.reason]).toEqual([id, outcome, expect.stringMatching(pattern(reason))]);
      expect([id, ...of(id).map((run) => run.role)]).toEqual([id, ...roles]);
    }
    expect(ran.code).toBe(1);
    expect(await contradictions({ home, project, view })).toEqual([]);
    expect(runs.filter(isAnyAlive)).toEqual([]);

    // A crash and a limit go on in the same session; a limit uses up nothing but the attempt's number.
    for (const id of ['salvaged', 'recovers', 'limited']) {
      const sessions = of(id).flatMap((run) => (run.role === 'implement' ? [run.session] : []));
      expect([id, new Set(sessions).size]).toEqual([id, 1]);
    }
    expect(of('recovers').map((run) => [run.attempt, run.resumed])).toEqual([
      [1, false],
      [1, true],
      [2, false],
    ]);
    expect(view.issues.find((each) => each.id === 'limited')).toMatchObject({ round: 1, attempts: 3 });
    expect(view.issues.find((each) => each.id === 'costs')).toMatchObject({ costUsd: 7.5 });

    const layout = stateLayout(home.state).repository(view.repo);
    expect(statSync(join(layout.attempt('floods', 1), 'transcript.jsonl')).size).toBeLessThanOrEqual(TRANSCRIPT_BYTES);
    if (before !== null) expect(after! - before).toBeLessThan(MOST_GROWTH_MB);
  }, 300_000);
});

function pattern(words: string | RegExp): RegExp {
  return typeof words === 'string' ? new RegExp(words.replace(/[.()]/g, '\\$&')) : words;
}

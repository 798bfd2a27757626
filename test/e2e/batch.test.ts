import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { pullRecord } from '../../activities/forges/local/schema.ts';
import { createRecords } from '../../activities/forges/local/records.ts';
import type { IssueView } from '../../client/issue/view.ts';
import type { BatchView } from '../../client/batch/view.ts';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { agentRuns, mostAtOnce, overlapped, type AgentRun } from '../support/e2e/agent-log.ts';
import { contradictions } from '../support/e2e/contradictions.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import { createProject, type Project, type ScriptedIssue } from '../support/e2e/project.ts';
import { git, writeFiles } from '../support/git/user-repository.ts';

const took = (ms: number, script: object) => ({ sleepMs: ms, ...script });
const writing = (file: string, more: object = {}) => took(300, { write: { [file]: `${file}\n` }, ...more });

/** Two chains, of which one ends on two issues; a pair that may not meet; and whatever differs between suites. */
const family: readonly ScriptedIssue[] = [
  // The first two take long enough to be seen side by side on a busy machine.
  { id: 'base', priority: 'high', script: { implement: took(2_000, writing('base.txt', { commit: 'base' })) } },
  {
    id: 'left',
    priority: 'high',
    files: ['shared/'],
    script: { implement: took(2_000, { write: { 'shared/left.txt': 'left\n' } }) },
  },
  {
    id: 'right',
    files: ['shared/right.txt'],
    script: { implement: took(300, { write: { 'shared/right.txt': 'r\n' } }) },
  },
  { id: 'top', dependencies: ['base'], script: { implement: writing('top.txt', { requires: ['base.txt'] }) } },
  {
    id: 'joined',
    dependencies: ['left', 'top'],
    script: {
      implement: writing('joined.txt', { requires: ['base.txt', 'shared/left.txt', 'top.txt'] }),
      review: { look: [{ file: 'joined.txt', contains: 'better', finding: 'say it better' }] },
      fix: took(100, { write: { 'joined.txt': 'better\n' } }),
    },
  },
];

const stubborn: ScriptedIssue = {
  id: 'stubborn',
  script: {
    implement: writing('stubborn.txt'),
    review: { end: 'needs-work', findings: ['never good enough'] },
    fix: { append: { 'stubborn.txt': 'more\n' } },
  },
};

const outcomes = (view: BatchView) => Object.fromEntries(view.issues.map(({ id, outcome }) => [id, outcome]));
const first = (runs: readonly AgentRun[], issue: string) => runs.find((run) => run.issue === issue)!;
const last = (runs: readonly AgentRun[], issue: string) => runs.findLast((run) => run.issue === issue)!;

describe.skipIf(inject('temporal') === null)('a batch', () => {
  let home: Home;
  beforeAll(async () => {
    home = await createHome();
    await home.up();
  });
  afterAll(() => home.remove());

  /** What holds for the family, whatever becomes of its work. */
  function expectOrder(project: Project) {
    const runs = agentRuns(project.log);
    expect(mostAtOnce(runs)).toBe(2);
    expect(overlapped(runs, 'left', 'right')).toBe(false);
    for (const [dependent, dependency] of [
      ['top', 'base'],
      ['joined', 'top'],
      ['joined', 'left'],
    ] as const) {
      expect(first(runs, dependent).start).toBeGreaterThanOrEqual(last(runs, dependency).end!);
    }
    expect(runs.filter((run) => run.issue === 'joined').map((run) => run.role)).toEqual([
      'implement',
      'review',
      'fix',
      'review',
    ]);
  }

  test('ends as its plan says with landing none, and every way to ask tells the same', async () => {
    const project = await createProject(home, { issues: [...family, stubborn] });
    const ran = await home.run([...project.batch, '--width', '2', '--json']);
    const view = ran.json<BatchView>();
    expect(outcomes(view)).toEqual({
      base: 'approved',
      left: 'approved',
      right: 'approved',
      top: 'approved',
      joined: 'approved',
      stubborn: 'needs-manual-review',
    });
    expect(ran.code).toBe(1);
    expectOrder(project);
    expect(await contradictions({ home, project, view })).toEqual([]);

    const layout = stateLayout(home.state).repository(view.repo);
    const pullOf = async (id: string) => {
      const { pullRequest, sha } = view.issues.find((issue) => issue.id === id)!;
      return { sha: sha!, pull: (await createRecords(layout.forge).read(`pulls/${pullRequest}`, pullRecord))! };
    };
    const [base, top] = [await pullOf('base'), await pullOf('top')];
    expect(top.pull.body).toContain(`\`base\` (#${base.pull.number}, \`${base.sha.slice(0, 12)}\`)`);
    expect(first(agentRuns(project.log), 'top')).toMatchObject({ head: base.sha });
    expect((await pullOf('stubborn')).pull.reviews.map((review) => review.verdict)).toEqual(
      Array(3).fill('needs-work'),
    );
    // Nothing landed, and the clone that the user works in has seen nothing of it.
    expect(await project.git('log', '--format=%s', 'main')).toBe('Start');
    expect(await git(project.repository, 'for-each-ref', '--format=%(refname)')).not.toContain('millrace/');

    // Lists, reports and a second start over the same plan: the same facts.
    const [status, report, plain, markdown] = await Promise.all([
      home.run(['status', view.batch, '--json']),
      home.run(['report', view.batch, '--json']),
      home.run(['status', view.batch]),
      home.run(['report', view.batch]),
    ]);
    // What counts on while an issue waits for a person is another number at each look.
    const still = (issue: IssueView) => ({
      durationMs: 0,
      waitedMs: issue.waitedMs === null ? null : 0,
      lastLine: null,
    });
    const facts = (each: BatchView) => each.issues.map((issue) => ({ ...issue, ...still(issue) }));
    expect(facts(status.json<BatchView>())).toEqual(facts(view));
    expect(facts(report.json<BatchView>())).toEqual(facts(view));
    for (const { id, outcome, pullRequest } of view.issues) {
      expect(plain.out).toMatch(new RegExp(`^${id} +${outcome} `, 'm'));
      expect(markdown.out).toMatch(new RegExp(`^\\| ${id} Issue ${id} \\| #${pullRequest} \\| ${outcome} \\|`, 'm'));
    }
    const again = await home.run(project.batch);
    expect(again.code).toBe(1);
    expect(again.out).toMatch(/^top +#\d+ +skipped .*is open and approved already/m);
    expect(again.out).toMatch(/^stubborn +#\d+ +needs-manual-review/m);
    expect(again.out).toContain('millrace resume stubborn');
    expect(agentRuns(project.log).filter((run) => run.issue !== 'stubborn')).toHaveLength(2 * 4 + 4);
  });

  test('lands directly: the base has the work, dependents start from it, and the exit code is 0', async () => {
    const empty: ScriptedIssue = { id: 'empty', script: { implement: { end: 'no-change', summary: 'it is done' } } };
    const project = await createProject(home, { issues: [...family, empty] });
    const before = await git(project.repository, 'rev-parse', 'HEAD');
    const ran = await home.run([...project.batch, '--width', '2', '--landing', 'direct', '--json']);
    const view = ran.json<BatchView>();
    expect(outcomes(view)).toEqual({
      base: 'landed',
      left: 'landed',
      right: 'landed',
      top: 'landed',
      joined: 'landed',
      empty: 'no-change',
    });
    expect(ran.code).toBe(0);
    expectOrder(project);
    expect(await contradictions({ home, project, view })).toEqual([]);
    const files = await project.git('ls-tree', '-r', '--name-only', 'main');
    for (const file of ['base.txt', 'top.txt', 'joined.txt', 'shared/left.txt', 'shared/right.txt']) {
      expect(files.split('\n')).toContain(file);
    }
    expect(await git(project.repository, 'rev-parse', 'HEAD')).toBe(before);
    expect(await git(project.repository, 'status', '--porcelain')).toBe('');
  });

  test('without an origin a clean working tree moves with its base, a dirty one is waited for', async () => {
    const issues: readonly ScriptedIssue[] = [
      { id: 'one', files: ['x'] },
      { id: 'two', files: ['x'], dependencies: ['one'], script: { implement: { write: { 'README.md': '# Two\n' } } } },
    ];
    const project = await createProject(home, { issues, origin: 'none' });
    const begun = home.begin([...project.batch, '--landing', 'direct', '--width', '1', '--json']);
    // Git makes the file before it writes it.
    await within(async () => expect(await readFile(join(project.repository, 'one.txt'), 'utf8')).toBe('work of one\n'));
    await writeFiles(project.repository, { 'README.md': '# My own words\n' });
    const ran = await begun.ended;
    const view = ran.json<BatchView>();
    expect(outcomes(view)).toEqual({ one: 'landed', two: 'needs-manual-review' });
    expect(ran.code).toBe(1);
    const { reason } = view.issues[1]!;
    expect(reason).toContain('changes that are not committed');
    expect(await readFile(join(project.repository, 'README.md'), 'utf8')).toBe('# My own words\n');

    const [, command] = /type: git -C \S+ (.*)$/.exec(reason)!;
    await git(project.repository, ...command!.split(' '));
    expect((await home.run(['resume', 'two', '--batch', view.batch])).code).toBe(0);
    const watched = await home.run(['status', view.batch, '--watch', '--json']);
    expect(outcomes(watched.json<BatchView>())).toEqual({ one: 'landed', two: 'landed' });
    expect(await contradictions({ home, project, view: watched.json<BatchView>() })).toEqual([]);
    expect(await readFile(join(project.repository, 'README.md'), 'utf8')).toBe('# Two\n');
    expect(await git(project.repository, 'status', '--porcelain')).toBe('');
  });
});

async function within<T>(look: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { pullRecord } from '../../activities/forges/local/schema.ts';
import { createRecords } from '../../activities/forges/local/records.ts';
import type { BatchView } from '../../client/batch/view.ts';
import type { IssueView } from '../../client/issue/view.ts';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { agentRuns, type AgentRun } from '../support/e2e/agent-log.ts';
import { contradictions } from '../support/e2e/contradictions.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import type { Ran } from '../support/e2e/program.ts';
import { until } from '../support/processes.ts';
import { createProject, type Project } from '../support/e2e/project.ts';

const work = (id: string) => ({ write: { [`${id}.txt`]: `work of ${id}\n` } });

describe.skipIf(inject('temporal') === null)('a person', () => {
  let home: Home;
  beforeAll(async () => {
    home = await createHome();
    await home.up();
  });
  afterAll(() => home.remove());

  const issueOf = (view: BatchView, id: string): IssueView => view.issues.find((issue) => issue.id === id)!;
  const runsOf = (project: Project, id: string): readonly AgentRun[] =>
    agentRuns(project.log).filter((run) => run.issue === id);
  /** Waits until nothing more happens by itself. */
  const settled = async (batch: string) => {
    const ran = await home.run(['status', batch, '--watch', '--json']);
    return ran.json<BatchView>();
  };
  /** Refused with a sentence that says so, and nothing else. */
  function expectRefusal(ran: Ran, code: number, words: string) {
    expect(ran).toMatchObject({ code, out: '', err: expect.stringContaining(words) });
    expect(ran.err).not.toMatch(/^\s+at /m);
  }

  test('lets a held issue go on with words that the agent gets, and what hangs on it follows', async () => {
    const project = await createProject(home, {
      config: { review: { rounds: 1 } },
      issues: [
        {
          id: 'stubborn',
          priority: 'high',
          script: {
            implement: work('stubborn'),
            review: { look: [{ file: 'stubborn.txt', contains: 'blue', finding: 'it has the wrong colour' }] },
            fix: [{ when: { message: true }, write: { 'stubborn.txt': 'blue\n' } }, { end: 'failed' }],
          },
        },
        {
          id: 'dependent',
          dependencies: ['stubborn'],
          script: { implement: { requires: ['stubborn.txt'], ...work('d') } },
        },
        {
          id: 'broken',
          script: {
            implement: [
              { when: { message: true }, ...work('broken') },
              { end: 'failed', summary: 'which test data?' },
            ],
          },
        },
        { id: 'after', dependencies: ['broken'] },
        { id: 'other', priority: 'low' },
      ],
    });
    const ran = await home.run([...project.batch, '--width', '1']);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('[dependent] waits for stubborn');
    expect(ran.out).toContain('the rest waits for a person');
    const [, batch = ''] = /batch (\S+):/.exec(ran.err)!;
    const resting = (await home.run(['status', batch, '--json'])).json<BatchView>();
    expect(resting.state).toBe('at-rest');
    expect(resting.issues.map(({ id, stage, outcome, reason }) => [id, stage, outcome, reason])).toEqual([
      ['stubborn', 'waiting (human)', 'needs-manual-review', 'review still needs work after 1 round'],
      ['dependent', 'waiting (dependency)', null, 'waits for stubborn (needs-manual-review)'],
      ['broken', 'done', 'failed', 'agent gave up: which test data?'],
      ['after', 'waiting (dependency)', null, 'waits for broken (failed)'],
      ['other', 'done', 'approved', 'approved by review'],
    ]);
    // Whoever waits for a person holds no slot: at width 1 the others came after it, and ended.
    expect(runsOf(project, 'other')[0]!.start).toBeGreaterThan(runsOf(project, 'stubborn').at(-1)!.end!);
    expect(await contradictions({ home, project, view: resting })).toEqual([]);

    const words = 'Make it blue, "like the sky"; $HOME is no colour.';
    expect(await home.run(['resume', 'stubborn', '--message', words])).toMatchObject({ code: 0 });
    const half = await settled(batch);
    expect(half.issues.map(({ outcome }) => outcome)).toEqual(['approved', 'approved', 'failed', null, 'approved']);
    const fix = runsOf(project, 'stubborn').find((run) => run.role === 'fix')!;
    expect(fix).toMatchObject({ message: words, session: runsOf(project, 'stubborn')[0]!.session, resumed: true });
    const layout = stateLayout(home.state).repository(half.repo);
    expect(await readFile(`${layout.attempt('stubborn', fix.attempt)}/prompt.md`, 'utf8')).toContain(words);
    expect(runsOf(project, 'dependent')[0]).toMatchObject({ head: issueOf(half, 'stubborn').sha });

    expect(await home.run(['retry', 'broken', '-m', 'that in fixtures/'])).toMatchObject({ code: 0 });
    const whole = await settled(batch);
    expect(whole.state).toBe('done');
    expect(whole.issues.map(({ outcome }) => outcome)).toEqual(Array(5).fill('approved'));
    expect(await contradictions({ home, project, view: whole })).toEqual([]);
    expect(await home.run(['start-batch', '--resume', batch])).toMatchObject({ code: 0 });
    expectRefusal(await home.run(['resume', 'stubborn']), 2, 'it is over already: approved');
  }, 240_000);

  test('takes work as it is, and is refused with a sentence where that makes no sense', async () => {
    const project = await createProject(home, {
      config: { review: { rounds: 1 }, checks: [{ name: 'clean', run: ['test', '!', '-e', 'unclean.txt'] }] },
      issues: [
        { id: 'enough', script: { implement: work('enough'), review: { end: 'needs-work', findings: ['no'] } } },
        { id: 'unclean', script: { implement: work('unclean'), fix: { append: { 'unclean.txt': 'more\n' } } } },
        { id: 'busy', script: { implement: { ...work('busy'), child: { ms: 600_000 }, end: 'hang' } } },
      ],
      limits: { idle: '10m', wall: '10m' },
    });
    const begun = home.begin([...project.batch, '--width', '3', '--json']);
    const waits = (id: string, role: string, count: number) => () =>
      runsOf(project, id).filter((run) => run.role === role && run.end !== null).length === count;
    expect(await until(waits('enough', 'review', 1), 60_000)).toBe(true);
    expect(await until(waits('unclean', 'fix', 2), 60_000)).toBe(true);
    expect(await until(() => runsOf(project, 'busy')[0]?.children.length === 1, 60_000)).toBe(true);
    const standing = async () => (await home.run(['status', '--json'])).json<BatchView>();
    await until(
      async () => (await standing()).issues.filter(({ stage }) => stage === 'waiting (human)').length === 2,
      60_000,
    );

    const type = (...args: readonly string[]) => home.run(args);
    const [resume, accept, early, retry, waiting, unknown, never, nobody] = await Promise.all([
      type('resume', 'busy'),
      type('resume', 'busy', '--accept'),
      type('resume', 'unclean', '--accept'),
      type('retry', 'busy'),
      type('retry', 'enough'),
      type('resume', 'nothing'),
      type('retry', 'nothing'),
      type('cancel', 'nothing'),
    ]);
    expectRefusal(resume, 1, 'cannot resume: it does not wait for anybody');
    expectRefusal(accept, 1, 'cannot accept: it does not wait for a person');
    expectRefusal(early, 1, 'cannot accept: nothing was published that could be accepted');
    expectRefusal(retry, 2, 'it is under way (implementing)');
    expectRefusal(waiting, 2, 'millrace resume enough');
    expectRefusal(unknown, 2, 'there is no such issue or batch');
    expectRefusal(never, 2, 'no batch has such an issue');
    expectRefusal(nobody, 2, 'there is no such issue under way and no such batch');

    expect(await type('resume', 'enough', '--accept', '-m', 'good enough for now')).toMatchObject({ code: 0 });
    expect(await Promise.all([type('cancel', 'busy'), type('cancel', 'unclean')])).toMatchObject([
      { code: 0 },
      { code: 0 },
    ]);
    const ran = await begun.ended;
    const view = ran.json<BatchView>();
    expect([ran.code, ...view.issues.map(({ outcome }) => outcome)]).toEqual([1, 'approved', 'cancelled', 'cancelled']);
    expect(await contradictions({ home, project, view })).toEqual([]);
    const records = createRecords(stateLayout(home.state).repository(view.repo).forge);
    const pull = await records.read(`pulls/${issueOf(view, 'enough').pullRequest}`, pullRecord);
    expect(pull!.comments.map(({ body }) => body).join('\n')).toContain('good enough for now');
  }, 240_000);
});

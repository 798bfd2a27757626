import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { BatchView } from '../../client/batch/view.ts';
import type { IssueDetail } from '../../client/batch/detail.ts';
import { agentRuns } from '../support/e2e/agent-log.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import type { Ran, Running } from '../support/e2e/program.ts';
import { createProject, type Project } from '../support/e2e/project.ts';

const work = (id: string) => ({ write: { [`${id}.txt`]: `work of ${id}\n` } });

const dirty = 'if [ -e unclean.txt ]; then echo it is dirty; exit 3; fi';

/** What a shell makes of a command that somebody was told to type. */
const type = (command: string, cwd: string) => promisify(execFile)('/bin/sh', ['-c', command], { cwd });

describe.skipIf(inject('temporal') === null)('what a person sees of a night', () => {
  let home: Home;
  let project: Project;
  let up: Running;
  let ran: Ran;
  let batch = '';
  beforeAll(async () => {
    home = await createHome();
    project = await createProject(home, {
      config: { review: { rounds: 1 }, checks: [{ name: 'clean', run: ['sh', '-c', dirty] }] },
      issues: [
        { id: 'fine', priority: 'high', script: { implement: work('fine') } },
        { id: 'liar', script: { implement: { end: 'completed', summary: 'done' } } },
        { id: 'unclean', script: { implement: work('unclean'), fix: { append: { 'unclean.txt': 'more\n' } } } },
        {
          id: 'stubborn',
          script: {
            implement: { say: ['I will paint it'], ...work('stubborn') },
            review: {
              end: 'needs-work',
              findings: [
                { file: 'stubborn.txt', line: 1, severity: 'major', body: 'wrong colour\nIt must be blue.' },
                'no test',
              ],
            },
          },
        },
        { id: 'dependent', dependencies: ['stubborn'], script: { implement: work('dependent') } },
        { id: 'last', dependencies: ['dependent'] },
      ],
    });
    await addCompleted(project);
    up = await home.up();
    ran = await home.run([...project.batch, '--width', '2']);
    batch = /batch (\S+):/.exec(ran.err)![1]!;
  }, 240_000);
  afterAll(() => home.remove());

  const linesOf = (id: string) => ran.out.split('\n').filter((line) => line.startsWith(`[${id}]`));

  test('is every step of every issue, once, however quick it was', () => {
    expect(ran.code).toBe(1);
    expect(linesOf('fine')).toEqual([
      '[fine] preparing...',
      '[fine] implementing...',
      '[fine] checking...',
      '[fine] Worker completed → publishing',
      expect.stringMatching(/^\[fine\] Worker completed → PR #\d → reviewing \(round 1\/1\)$/),
      '[fine] Review: approved ✓',
    ]);
    expect(linesOf('unclean')).toEqual([
      '[unclean] preparing...',
      '[unclean] implementing...',
      '[unclean] checking...',
      '[unclean] Checks failed → fixing',
      '[unclean] checking...',
      '[unclean] Checks failed → fixing',
      '[unclean] checking...',
      '[unclean] needs-manual-review: checks still fail after 2 fixes: clean',
    ]);
    expect(linesOf('stubborn').at(-1)).toBe(
      '[stubborn] needs-manual-review: review still needs work after 1 round (2 major; stubborn.txt:1: wrong colour It must be blue.)',
    );
    expect(linesOf('liar').at(-1)).toBe('[liar] failed: the agent changed nothing and called it completed: done');
  });

  test('is a report that says what is wrong, what was never pushed, and no success under "Not done"', async () => {
    const { out } = await home.run(['report', batch]);
    const part = (title: string) => out.split(/^## /m).find((each) => each.startsWith(`${title}\n`)) ?? '';
    expect(part('Not done')).toContain('checks still fail after 2 fixes: clean.');
    expect(part('Not done')).toContain('Review: 2 major; stubborn.txt:1: wrong colour It must be blue.');
    expect(part('Not done')).not.toContain('**old**');
    expect(part('Not done')).not.toContain('refs/millrace/liar'); // it changed nothing: nothing is kept
    expect(part('Skipped')).toContain('- **old** skipped: status: completed');
    expect(out).toMatch(/^\| unclean .*\| local only \|$/m);
    expect(out).toMatch(/^\| stubborn .*\| `millrace\/stubborn-issue-stubborn` \|$/m);
    // Additions only: scripts read these.
    const view = (await home.run(['report', batch, '--json'])).json<BatchView>();
    const stubborn = view.issues.find(({ id }) => id === 'stubborn')!;
    expect(stubborn).toMatchObject({ published: true, findings: { bySeverity: { major: 2 }, first: { line: 1 } } });
    expect(stubborn.waitedMs).toBeGreaterThan(0);
    expect(stubborn.durationMs).toBeGreaterThan(stubborn.waitedMs!);
    expect(view.issues.find(({ id }) => id === 'unclean')).toMatchObject({ published: false, failedChecks: ['clean'] });
  }, 120_000);

  test('is one issue whole: findings, failed checks, transcript, patch, and the command that fetches its work', async () => {
    const shown = await home.run(['show', 'stubborn']);
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toContain('needs-manual-review, waits for a person: review still needs work after 1 round');
    expect(shown.out).toContain('- [major] stubborn.txt:1: wrong colour\n      It must be blue.');
    expect(shown.out).toContain('millrace resume stubborn --accept');
    const [, fetch] = /^ +(git fetch .*)$/m.exec(shown.out)!;
    await type(fetch!, project.repository);
    expect((await type('git show FETCH_HEAD:stubborn.txt', project.repository)).stdout).toBe('work of stubborn\n');

    const unclean = await home.run(['show', 'unclean']);
    expect(unclean.out).toContain('clean ended with 3:\n    | it is dirty');
    expect(unclean.out).not.toContain('--accept'); // nothing was published that could be accepted
    expect((await home.run(['show', 'stubborn', '--log'])).out).toContain(
      '== attempt 1: implement by script ==\nI will paint it',
    );
    const { out: patch } = await home.run(['show', 'stubborn', '--diff']);
    await writeFile(join(project.folder, 'it.patch'), patch);
    await type(`git apply ${join(project.folder, 'it.patch')}`, project.repository);
    expect(await readFile(join(project.repository, 'stubborn.txt'), 'utf8')).toBe('work of stubborn\n');
    const detail = (await home.run(['show', 'stubborn', '--json', '--findings'])).json<IssueDetail>();
    expect(detail.reviews).toMatchObject([{ verdict: 'needs-work', findings: [{ line: 1 }, { body: 'no test' }] }]);
    expect(detail.attempts.map(({ role }) => role)).toEqual(['implement', 'review']);

    expect(shown.out).toMatch(/^ {2}page +http:\S+issue%3A\S+stubborn\/[\w-]+\/user-metadata$/m);
    expect((await home.run(['show', 'last'])).out).toContain('waiting (dependency)');
    expect((await home.run(['show', 'liar'])).out).not.toMatch(/^ {2}branch /m); // nothing is on it
    expect(await home.run(['show', 'nobody'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no batch has such'),
    });
    expect(await home.run(['status', 'stubborn'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('millrace show stubborn'),
    });
  }, 240_000);

  test('is what it costs to run a success again, or to start what is held', async () => {
    const retry = await home.run(['retry', 'fine']);
    expect(retry).toMatchObject({ code: 2, out: '' });
    expect(retry.err).toMatch(
      /it is approved already: .*takes the place of "approved".*\n.*millrace retry fine --again/,
    );
    const resume = await home.run(['resume', 'dependent']);
    expect(resume).toMatchObject({ code: 2, out: '' });
    expect(resume.err).toContain('it waits for stubborn (needs-manual-review), and would start without that work');
    expect(resume.err).toContain('millrace resume dependent --again');
    expect(agentRuns(project.log).filter(({ issue }) => issue === 'dependent')).toEqual([]);
    const view = (await home.run(['status', batch, '--json'])).json<BatchView>();
    expect(view.state).toBe('at-rest');
    expect((await home.run(['status', batch, '--json'])).json<BatchView>().durationMs).toBe(view.durationMs);
    expect(view.issues.find(({ id }) => id === 'fine')).toMatchObject({ outcome: 'approved', attempts: 2 });
  }, 240_000);

  test('is the end of an issue before its start, and only what is new after a word of theirs', async () => {
    expect(await home.run(['cancel', 'last'])).toMatchObject({
      code: 0,
      out: `last is cancelled: batch ${batch} will not start it\n`,
    });
    const again = await home.run(['cancel', 'last']);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('millrace show last') });
    for (const verb of ['resume', 'retry'])
      expect((await home.run([verb, 'last'])).err).toMatch(/^last: it was never started.*\n.*millrace show last/);
    // Where no worker runs, the command stays until nothing more happens by itself.
    up.signal('SIGINT');
    await up.ended;
    // Also where only the server can be asked.
    const without = (await home.run(['status', batch, '--json'])).json<BatchView>();
    expect(without.issues.find(({ id }) => id === 'last')).toMatchObject({ outcome: 'cancelled' });
    const resumed = await home.run(['resume', 'dependent', '--again']);
    const lines = resumed.out.split('\n').filter((line) => line.startsWith('['));
    expect(lines.map((line) => line.replace(/PR #\d+/, 'PR'))).toEqual([
      '[dependent] preparing...',
      '[dependent] implementing...',
      '[dependent] checking...',
      '[dependent] Worker completed → publishing',
      '[dependent] Worker completed → PR → reviewing (round 1/1)',
      '[dependent] Review: approved ✓',
    ]);
    expect(resumed.out).not.toContain('millrace retry last'); // it was never started
    const view = (await home.run(['status', batch, '--json'])).json<BatchView>();
    const last = view.issues.find(({ id }) => id === 'last');
    expect(last).toMatchObject({ outcome: 'cancelled', reason: 'cancelled by a person before it started' });
  }, 240_000);

  test('is the night that was started last: one that waits for a person is a line beside it', async () => {
    const tonight = await createProject(home, { issues: [{ id: 'quick' }] });
    const { err } = await home.run(tonight.batch);
    const newest = /batch (\S+):/.exec(err)![1]!;
    const report = await home.run(['report']);
    expect(report.out).toContain(`# Batch ${newest}`);
    expect(report.out).not.toContain(batch);
    expect(report.err).toContain(`not over yet: ${batch} (2 issues wait for a person)`);
    const status = await home.run(['status']);
    expect(status.out).toContain(`Batch ${newest}: 1 approved`);
    expect(status.out).toContain(`millrace status ${batch}`);
    const steer = await home.run(['steer', '--width', '3']);
    expect(steer).toMatchObject({ code: 2, err: expect.stringContaining(`${newest}: this batch is over`) });
  }, 240_000);
});

/** A task that is done already stands in the plan. */
async function addCompleted({ plan, folder }: Project): Promise<void> {
  const task = '  - id: old\n    name: Old\n    file: tasks/old.md\n    status: completed\n';
  await writeFile(plan, `${await readFile(plan, 'utf8')}${task}`);
  await writeFile(join(folder, 'tasks', 'old.md'), '# Old\n\ndone\n');
}

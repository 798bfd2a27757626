import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { BatchView } from '../../client/batch/view.ts';
import { agentRuns } from '../support/e2e/agent-log.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import { until } from '../support/processes.ts';
import { createProject, type Project } from '../support/e2e/project.ts';

describe.skipIf(inject('temporal') === null)('without a worker', () => {
  let home: Home;
  beforeAll(async () => void (home = await createHome()));
  afterAll(() => home.remove());

  const nothingRuns = async () => {
    expect([await home.server(), await home.worker(), home.processes()]).toEqual([null, null, []]);
  };
  const statusOf = async (batch: string) => (await home.run(['status', batch, '--json'])).json<BatchView>();
  const batchOf = (err: string) => /batch ([\w-]+)/.exec(err)![1]!;

  describe('a batch at rest', () => {
    let batch: string;
    beforeAll(async () => {
      const project = await createProject(home, {
        config: { review: { rounds: 1 } },
        issues: [
          { id: 'stubborn', script: { implement: { write: { 'a.txt': 'a\n' } }, review: { end: 'needs-work' } } },
          { id: 'dependent', dependencies: ['stubborn'] },
          { id: 'broken', script: { implement: { end: 'failed', summary: 'which data?' } } },
          { id: 'after', dependencies: ['broken'] },
          { id: 'done' },
        ],
      });
      const ran = await home.run(project.batch);
      expect(ran).toMatchObject({ code: 1, out: expect.stringContaining('the rest waits for a person') });
      batch = batchOf(ran.err);
      await nothingRuns();
    }, 180_000);

    test('is at rest, with the reasons of what is held, and from when that is', async () => {
      const view = await statusOf(batch);
      expect(view).toMatchObject({ state: 'at-rest', remembered: { why: 'no worker runs' } });
      expect(view.issues.map(({ id, stage, outcome, reason }) => [id, stage, outcome, reason])).toEqual([
        ['stubborn', 'waiting (human)', 'needs-manual-review', 'review still needs work after 1 round'],
        ['dependent', 'waiting (dependency)', null, 'waits for stubborn (needs-manual-review)'],
        ['broken', 'done', 'failed', 'agent gave up: which data?'],
        ['after', 'waiting (dependency)', null, 'waits for broken (failed)'],
        ['done', 'done', 'approved', 'approved by review'],
      ]);
      const later = await statusOf(batch);
      expect([later.durationMs, later.remembered]).toEqual([view.durationMs, view.remembered]);
      const times = ({ issues }: BatchView) => issues.map(({ durationMs }) => durationMs);
      expect(times(later)).toEqual(times(view));
      const asOf = /As of \d\d:\d\d; no worker runs: `millrace up`/;
      expect(await home.run(['status'])).toMatchObject({ code: 0, out: expect.stringMatching(asOf) });
      expect(await home.run(['report'])).toMatchObject({ code: 0, out: expect.stringMatching(asOf) });
      await nothingRuns();
    }, 120_000);

    test('refuses what makes no sense without starting a worker for it', async () => {
      const refusals: readonly (readonly [readonly string[], string])[] = [
        [['resume', 'nothing'], 'there is no such issue or batch'],
        [['resume', 'done'], 'it is over already: approved'],
        [['resume', 'dependent'], 'it waits for stubborn (needs-manual-review), and would start without that work'],
        [['retry', 'nothing'], 'no batch has such an issue'],
        [['retry', 'dependent'], 'it was never started'],
        [['retry', 'done'], 'it is approved already'],
        [['retry', 'stubborn'], 'millrace resume stubborn'],
        [['cancel', 'broken'], 'it is over already: failed'],
        [['cancel', '250101-000000-0000'], 'no such'],
        [['steer', '--width', '2', '--add', 'no-such.yaml'], 'there is no such plan'],
        [['steer', '250101-000000-0000', '--pause'], 'there is no such batch'],
        [['start-batch', '--resume', '250101-000000-0000'], 'there is no such batch'],
      ];
      for (const [args, words] of refusals) {
        const ran = await home.run(args);
        expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringContaining(words) });
        expect(ran.err, args.join(' ')).not.toContain('starting a worker');
      }
      await nothingRuns();
    }, 180_000);

    test('takes more issues, says that nobody starts them yet, and is at rest no more', async () => {
      const more = await createProject(home, { issues: [{ id: 'more' }, { id: 'last', dependencies: ['more'] }] });
      const ran = await home.run(['steer', '--add', more.plan]);
      expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('added the issues of') });
      expect(ran.err).toContain(`no worker runs after this: go on by \`millrace start-batch --resume ${batch}\``);
      expect(await statusOf(batch)).toMatchObject({ state: 'running' });
      // How far `more` came is up to the worker that took the plan over for this command.
      const shown = await home.run(['show', 'last']);
      expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('last: Issue last') });
      await nothingRuns();
    }, 120_000);

    test('goes on by a resume that stays until its work is done', async () => {
      const ran = await home.run(['resume', 'stubborn', '--accept']);
      expect(ran).toMatchObject({ code: 1, out: expect.stringContaining('[dependent] Review: approved') });
      expect(ran.err).toMatch(/stubborn goes on in batch \S+: http:\S+issue%3A\S+stubborn\/[\w-]+\/user-metadata/);
      await nothingRuns();
      expect((await statusOf(batch)).issues.map(({ outcome }) => outcome)).toEqual([
        'approved',
        'approved',
        'failed',
        null,
        'approved',
        'approved',
        'approved',
      ]);
    }, 120_000);
  });

  const hangs = (id: string) =>
    createProject(home, {
      issues: [{ id, script: { implement: { write: { 'first.txt': 'first\n' }, say: ['here'], end: 'hang' } } }],
    });
  const wrote = async ({ log }: Project) =>
    expect(
      await until(() => agentRuns(log).some(({ worktree }) => existsSync(join(worktree, 'first.txt'))), 60_000),
    ).toBe(true);

  test('an issue that was under way is cut off, and its time stands still', async () => {
    const project = await hangs('cut');
    const begun = home.begin(project.batch);
    await wrote(project);
    begun.signal('SIGINT');
    const { code, err } = await begun.ended;
    expect(code).toBe(130);
    const view = await statusOf(batchOf(err));
    expect(view).toMatchObject({ state: 'running', remembered: { why: 'no worker runs' } });
    expect(view.issues).toMatchObject([
      { stage: 'implementing', cutOff: true, reason: 'cut off while implementing; it goes on when a worker runs' },
    ]);
    const later = await statusOf(view.batch);
    expect(later.issues[0]!.durationMs).toBe(view.issues[0]!.durationMs);
    expect((await home.run(['status', view.batch])).out).toContain('implementing (cut off)');
    expect((await home.run(['show', 'cut', '--batch', view.batch])).out).toMatch(
      /implement .* cut off; it goes on when/,
    );
    const watching = home.begin(['status', view.batch, '--watch']);
    expect(await until(() => /stands still until you type `millrace up`/.test(watching.text()), 30_000)).toBe(true);
    watching.signal('SIGINT');
    await watching.ended;
    const refused = await home.run(['resume', 'cut']);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('cannot resume: it does not wait for anybody: the issue is implementing');
    expect(refused.err).not.toContain('starting a worker');
    await nothingRuns();
  }, 180_000);

  test('a Ctrl-C at a server that was killed just before ends the worker as well', async () => {
    const project = await hangs('killed');
    const begun = home.begin(project.batch);
    await wrote(project);
    process.kill((await home.server())!.pid, 'SIGKILL');
    begun.signal('SIGINT');
    expect(await begun.ended).toMatchObject({ code: 130 });
    await nothingRuns();
  }, 180_000);

  test('a second up says who keeps both running, and stops neither', async () => {
    const first = await home.up();
    const second = await home.up();
    expect(second.text()).toContain(`Another millrace (process ${first.pid}) keeps it running`);
    expect(first.text()).toContain('Ctrl-C stops both');
    const worker = await home.worker();
    second.signal('SIGINT');
    expect(await second.ended).toMatchObject({ code: 130, out: expect.stringContaining('Server and worker go on.') });
    expect(await home.worker()).toEqual(worker);
    first.signal('SIGINT');
    expect(await first.ended).toMatchObject({ code: 130, out: expect.stringContaining('stopping...') });
    await nothingRuns();
  }, 180_000);
});

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { BatchView } from '../../client/batch/view.ts';
import { agentRuns } from '../support/e2e/agent-log.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import { createForgeProject, type ForgeProject } from '../support/forge/forge-project.ts';
import { openBatchForge } from '../support/github/batch-forge.ts';
import { until } from '../support/processes.ts';

type Forge = Awaited<ReturnType<typeof openBatchForge>>;

describe.skipIf(inject('temporal') === null)('a batch on a fake GitHub', { timeout: 400_000 }, () => {
  let home: Home;
  let forge: Forge;
  let project: ForgeProject;
  beforeAll(async () => {
    [home, forge] = await Promise.all([createHome(), openBatchForge()]);
    project = await createForgeProject(home, forge, { policy: 'merge', protect: ['owned/**'], deleteBranch: true });
  });
  afterAll(async () => {
    await home.remove();
    await forge.dispose();
  });
  const start = (args: readonly string[]) =>
    home.begin(['start-batch', ...args, '-C', project.clone, '--json'], { env: project.env, withinMs: 300_000 });

  test('work on protected paths waits for a person, says so on the issue, and lands by their word', async () => {
    const number = await forge.file({ title: 'Touch what is owned', body: project.writing('owned/rules.txt') });
    const { code, out } = await start([String(number)]).ended;
    const [issue] = (JSON.parse(out) as BatchView).issues;
    expect(issue).toMatchObject({ stage: 'waiting (human)' });
    expect(issue?.reason).toContain('it touches protected paths (`owned/rules.txt`)');
    expect(code).toBe(1);
    expect(await forge.labels(number)).toEqual(['millrace:needs-manual-review']);
    const [comment] = await forge.ownComments(number);
    expect(comment).toContain('**needs-manual-review**');
    expect(comment).toContain(`millrace resume ${number} --accept`);

    const accepted = await home.run(['resume', String(number), '--accept'], { env: project.env });
    expect(accepted.code, accepted.err).toBe(0);
    expect(await until(async () => !(await forge.isOpen(number)), 60_000)).toBe(true);
    expect(await until(async () => (await forge.labels(number)).length === 0, 60_000)).toBe(true);
    expect((await forge.ownComments(number)).map((body) => body.split('\n')[0])).toEqual(['**landed**']);
  });

  test('auto-merge is asked for while CI runs, and the merge of the forge is the landing', async () => {
    const { fake } = forge;
    fake.onPush(() => [{ name: 'slow', conclusion: null }]);
    fake.settings.rules = { main: { requiredStatuses: ['slow'], approvals: 0, strict: false } };
    const number = await forge.file({ title: 'Merge on green', body: project.writing('auto.txt') });
    const batch = start([String(number), '--landing', 'auto-merge']);
    const ours = async () => (await fake.pulls()).find(({ title }) => title.startsWith(`[#${number}]`));
    expect(await until(async () => (await ours())?.isScheduled === true, 120_000)).toBe(true);
    const pull = (await ours())!;
    expect(pull.state).toBe('open');
    await fake.conclude(pull.head, { name: 'slow', conclusion: 'success' });
    const { out } = await batch.ended;
    const [issue] = (JSON.parse(out) as BatchView).issues;
    expect(issue).toMatchObject({ outcome: 'landed' });
    expect((await ours())?.state).toBe('merged');
    await expect(fake.remote.tip(pull.branch)).rejects.toThrow('Needed a single revision'); // by choice, also where it was not we who merged
  });

  test('auto-merge is taken back where somebody pushed since the review, and where the issue is cancelled', async () => {
    const { fake } = forge;
    fake.onPush(() => [{ name: 'slow', conclusion: null }]);
    fake.settings.rules = { main: { requiredStatuses: ['slow'], approvals: 0, strict: false } };
    const ours = async (number: number) => (await fake.pulls()).find(({ title }) => title.startsWith(`[#${number}]`))!;
    for (const how of ['pushed', 'cancelled'] as const) {
      const number = await forge.file({ title: `Is ${how}`, body: project.writing(`${how}.txt`) });
      const batch = start([String(number), '--landing', 'auto-merge']);
      expect(await until(async () => (await ours(number))?.isScheduled === true, 120_000)).toBe(true);
      if (how === 'pushed') await fake.commit((await ours(number)).branch, { 'unreviewed.txt': 'x\n' });
      else await home.run(['cancel', String(number)], { env: project.env });
      expect((await batch.ended).code).toBe(1);
      await fake.conclude((await ours(number)).head, { name: 'slow', conclusion: 'success' });
      expect(await ours(number), how).toMatchObject({ state: 'open', isScheduled: false });
    }
  });

  test('a credential that is refused half-way costs no work: the same step goes on when it is mended', async () => {
    const { fake } = forge;
    fake.onPush(() => [{ name: 'test', conclusion: 'success' }]);
    fake.settings.rules = {};
    fake.faults.add({ kind: 'bad-credentials', moment: 'instead', on: 'pulls/create' });
    const number = await forge.file({ title: 'Expires at night', body: project.writing('night.txt') });
    const { code, out } = await start([String(number), '--landing', 'none']).ended;
    expect(code).toBe(1);
    expect((JSON.parse(out) as BatchView).issues).toMatchObject([
      {
        stage: 'waiting (human)',
        reason: expect.stringMatching(/401 Bad credentials; asked with MILLRACE_GITHUB_TOKEN/),
      },
    ]);
    expect((await home.run(['resume', String(number)], { env: project.env })).code).toBe(0);
    const pull = async () => (await fake.pulls()).find(({ title }) => title.startsWith(`[#${number}]`));
    const isApproved = async () => (await forge.status((await pull())?.head ?? '', 'millrace/review')) === 'success';
    expect(await until(isApproved, 60_000)).toBe(true);
    const roles = agentRuns(project.log)
      .filter(({ issue }) => issue === String(number))
      .map(({ role }) => role);
    expect(roles).toEqual(['implement', 'review']);
  });

  test('a text that is edited after it was handed over is not worked on', async () => {
    const { fake } = forge;
    fake.onPush(() => [{ name: 'test', conclusion: 'success' }]);
    fake.settings.rules = {};
    const first = await forge.file({ title: 'First', body: project.writing('first.txt') });
    const edited = await forge.file({ title: 'Second', body: project.writing('second.txt') });
    const batch = start([String(first), String(edited), '--width', '1', '--landing', 'none']);
    const opened = async () => (await fake.pulls()).some(({ title }) => title.startsWith(`[#${first}]`));
    expect(await until(opened, 120_000)).toBe(true);
    fake.edit(edited, { body: project.writing('something-else.txt') });
    const view = (await batch.ended).json<BatchView>();
    expect(view.issues.map(({ outcome }) => outcome)).toEqual(['approved', 'skipped']);
    expect(view.issues[1]?.reason).toMatch(/its text was edited after it was approved at .*start-batch/);
    expect((await fake.pulls()).some(({ title }) => title.startsWith(`[#${edited}]`))).toBe(false);
  });

  test('a worker that is killed, and answers that are lost, leave one of everything', async () => {
    const { fake } = forge;
    fake.onPush(() => [{ name: 'test', conclusion: 'success' }]);
    fake.settings.rules = {};
    // The effect is there, and nobody is told.
    for (const on of ['pulls/create', 'pulls/create-review', 'issues/create-comment', 'repos/create-commit-status'])
      fake.faults.add({ kind: 'reset', moment: 'after', on });
    const numbers = [];
    for (const name of ['one', 'two', 'three'])
      numbers.push(await forge.file({ title: `Write ${name}`, body: project.writing(`${name}.txt`) }));
    const seen = fake.requests.length;
    const batch = start([...numbers.map(String), '--landing', 'none']);
    for (const operation of ['pulls/create', 'pulls/create-review']) {
      expect(await until(() => fake.requests.slice(seen).some((each) => each.operation === operation), 120_000)).toBe(
        true,
      );
      const worker = await home.worker();
      if (worker) process.kill(worker.pid, 'SIGKILL');
    }
    const { out, err } = await batch.ended;
    const view = JSON.parse(out) as BatchView;
    expect(
      view.issues.map(({ outcome }) => outcome),
      err,
    ).toEqual(['approved', 'approved', 'approved']);
    expect(fake.faults.left).toBe(0);
    for (const number of numbers) {
      const pulls = (await fake.pulls()).filter(({ title }) => title.startsWith(`[#${number}]`));
      expect(pulls).toHaveLength(1);
      expect(await forge.reviews(pulls[0]!.number)).toHaveLength(1);
      expect(await forge.status(pulls[0]!.head, 'millrace/review')).toBe('success');
      expect(await forge.ownComments(number)).toHaveLength(1);
      expect(pulls[0]!.head).toBe(await fake.remote.tip(pulls[0]!.branch));
    }
  });

  test('nothing is handed over, and nothing tried again, that the forge would not take', async () => {
    const { fake } = forge;
    const done = await forge.file({ title: 'Done before', body: project.writing('before.txt') });
    expect((await start([String(done), '--landing', 'none']).ended).code).toBe(0);
    const other = await forge.file({ title: 'Too late', body: project.writing('late.txt') });
    const ran = agentRuns(project.log).length;
    fake.settings.isArchived = true;
    try {
      const refused = [
        ['start-batch', String(other), '-C', project.clone],
        ['retry', String(done), '--again'],
      ];
      for (const args of refused) {
        const { code, err } = await home.run(args, { env: project.env });
        expect([code, err]).toEqual([2, expect.stringMatching(/the repository is archived[^]*try: take it out/)]);
      }
    } finally {
      fake.settings.isArchived = false;
    }
    expect(agentRuns(project.log)).toHaveLength(ran);
  });
});

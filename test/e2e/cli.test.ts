import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { BatchView } from '../../client/batch/view.ts';
import type { Diagnosis } from '../../workflows/domain/diagnosis.ts';
import type { PlanPreview } from '../../client/plan/preview.ts';
import { findProgram } from '../../client/config/agents/programs.ts';
import { agentFacts } from '../../workflows/domain/agent-facts.ts';
import type { CleanedUp } from '../../workflows/domain/host/cleanup.ts';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { agentRuns, isAnyAlive } from '../support/e2e/agent-log.ts';
import { badInputs, layBadInput } from '../support/input/bad-input.ts';
import { badFlags } from '../support/input/bad-flag.ts';
import { contradictions } from '../support/e2e/contradictions.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import type { Ran } from '../support/e2e/program.ts';
import { until } from '../support/processes.ts';
import { createProject } from '../support/e2e/project.ts';

const verbs = [
  'start-batch',
  'status',
  'show',
  'resume',
  'retry',
  'cancel',
  'steer',
  'report',
  'issues',
  'cleanup',
  'up',
  'worker',
  'doctor',
  'demo',
] as const;

/** Starting the program takes most of a second of a core: three at a time. */
async function eachOf<T>(all: readonly T[], job: (one: T) => Promise<void>): Promise<void> {
  const rest = [...all];
  const lane = async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await job(one);
  };
  await Promise.all([lane(), lane(), lane()]);
}

const stack = /^\s+at .*:\d+:\d+\)?$/m;

describe('the command line, before anything is started,', () => {
  let home: Home;
  beforeAll(async () => void (home = await createHome()));
  afterAll(() => home.remove());

  const untouched = async () => expect(await readdir(home.root)).not.toContain('state');

  test('shows for every verb what to type', async () => {
    expect((await home.run(['--help'])).out).toMatch(new RegExp(verbs.map((verb) => `^  ${verb} `).join('[^]*'), 'm'));
    await eachOf(verbs, async (verb) => {
      const { code, out, err } = await home.run([verb, '--help']);
      expect([verb, code, err]).toEqual([verb, 0, '']);
      expect(out).toMatch(new RegExp(`Examples?:\\n(.*\\n)*.*millrace ${verb}`));
    });
    await untouched();
  }, 240_000);

  test('refuses what it does not know, by its name', async () => {
    const mistakes: readonly (readonly [readonly string[], string])[] = [
      [['start-bach'], "unknown command 'start-bach'"],
      [['start-batch', '--wide', '3'], "unknown option '--wide'"],
      [['start-batch', 'plan.yaml', 'other.yaml'], 'are two plans'],
      [['start-batch', '42', 'plan.yaml'], 'do not go together'],
      [['start-batch', '--limit', 'all'], '--limit'],
      [['resume'], "missing required argument 'issue'"],
      [['start-batch', 'plan.yaml', '--width'], 'argument missing'],
      [['start-batch', 'plan.yaml', '--resume', 'x'], 'has its plan already'],
    ];
    await eachOf(mistakes, async ([args, words]) => {
      const { code, out, err } = await home.run(args);
      expect([args, code, out, err]).toEqual([args, 2, '', expect.stringContaining(words)]);
      expect(err).not.toMatch(stack);
    });
    await untouched();
  }, 240_000);

  test('refuses bad input with its place and its mend, and leaves nothing behind', async () => {
    // The whole table is read by the same doors elsewhere; a part of it shows that they stand here.
    const some = badInputs.filter((bad, index) => badFlags.includes(bad) || index % 4 === 0);
    expect(some.length).toBeGreaterThan(40);
    await eachOf(some, async (bad) => {
      const folder = await mkdtemp(join(home.root, 'bad-'));
      const cwd = await layBadInput(folder, bad);
      const before = await readdir(folder, { recursive: true });
      const { code, out, err } = await home.run(['start-batch', ...(bad.args ?? ['plan.yaml'])], { cwd });
      expect([bad.title, code, out]).toEqual([bad.title, 2, '']);
      for (const words of [...bad.says, '\n  try: ']) expect(err, bad.title).toContain(words);
      expect(err, bad.title).not.toMatch(stack);
      expect(await readdir(folder, { recursive: true }), bad.title).toEqual(before);
    });
    await untouched();
  }, 240_000);

  test('refuses numbers where no forge keeps issues, and says what to do', async () => {
    const project = await createProject(home, { issues: [{ id: 'one' }] });
    const { code, out, err } = await home.run(['start-batch', '42', '#43', '-C', project.repository]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('which keeps no issues');
    expect(err).toContain('try: work on the plan as it is');
    expect(err).not.toMatch(stack);
    await untouched();
  });

  test('names the tools that are not installed, with what installs them, before anything is started', async () => {
    const profiles = Object.fromEntries(Object.keys(agentFacts).map((agent) => [agent, { agent }]));
    const roles = { implement: Object.keys(agentFacts), review: 'pi' };
    const project = await createProject(home, { issues: [{ id: 'one' }], config: { profiles, roles } });
    const bin = join(home.root, 'few');
    await mkdir(bin);
    for (const program of ['git', 'sh']) {
      await symlink((await findProgram(program, { folder: home.root, env: process.env }))!, join(bin, program));
    }
    const { code, out, err } = await home.run(project.batch, { env: { PATH: bin } });
    expect([code, out]).toEqual([2, '']);
    for (const [agent, { install }] of Object.entries(agentFacts)) {
      expect(err).toMatch(
        new RegExp(`millrace\\.yaml:\\d+:\\d+: AgentUnavailable: profile ${agent}: there is no program "${agent}"`),
      );
      expect(err).toContain(`install it: ${install}; or write where it is`);
    }
    await untouched();
  }, 120_000);

  test('shows a plan dry, and what this machine has, without starting anything', async () => {
    const project = await createProject(home, {
      issues: [{ id: 'one' }, { id: 'two', dependencies: ['one'] }, { id: 'three', files: ['a'] }],
    });
    const dry = (await home.run([...project.batch, '--dry-run', '--json'])).json<PlanPreview>();
    expect(dry.waves).toEqual([['one', 'three'], ['two']]);
    const words = await home.run([...project.batch, '--dry-run']);
    expect(words).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was started') });
    // A tool that looks at its login in the home that it gets: no test may see a person's.
    const bin = join(home.root, 'bin');
    const codex = `#!/bin/sh\ncase "$HOME" in ${home.root}/*) echo 'Not logged in';; *) echo 'Logged in';; esac\n`;
    await mkdir(bin);
    await writeFile(join(bin, 'codex'), codex, { mode: 0o755 });
    const env = { PATH: `${bin}:${home.env['PATH'] ?? ''}` };
    const doctor = await home.run(['doctor', '-C', project.repository, '--json'], { env });
    const findings = doctor.json<readonly Diagnosis[]>();
    const states = new Map(findings.map(({ name, state }) => [name, state]));
    for (const name of ['node', 'git', 'temporal server', 'worker', 'disk']) expect(states.get(name)).toBe('ok');
    expect(findings.find(({ name }) => name === 'agent codex')?.words).toContain(', not logged in');
    expect(agentRuns(project.log)).toEqual([]);
    const unreachable = await home.run(project.batch, { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    expect(unreachable).toMatchObject({ code: 3, err: expect.stringContaining('127.0.0.1:1 does not answer') });
    expect(unreachable.err).not.toMatch(stack);
    expect(home.processes()).toEqual([]);
  }, 240_000);
});

describe.skipIf(inject('temporal') === null)('the command line over a server', () => {
  let home: Home;
  beforeAll(async () => void (home = await createHome()));
  afterAll(() => home.remove());

  const nothingRuns = async () => {
    expect([await home.server(), await home.worker(), home.processes()]).toEqual([null, null, []]);
  };
  const batchOf = (ran: Pick<Ran, 'err'>) => /batch ([\w-]+)/.exec(ran.err)![1]!;

  test('is not started to find that nothing was ever started', async () => {
    const status = await home.run(['status']);
    expect(status).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('start one: `millrace start-batch'),
    });
    expect((await home.run(['status', '--all', '--json'])).json()).toEqual([]);
    expect(await readdir(home.root)).not.toContain('state');
    await nothingRuns();
  }, 120_000);

  test('leaves everything resumable at Ctrl-C: the agent goes on in its session, on the same attempt', async () => {
    const project = await createProject(home, {
      issues: [
        {
          id: 'long',
          script: {
            implement: [
              { once: join(home.root, 'long'), write: { 'first.txt': 'first\n' }, say: ['here'], end: 'hang' },
              { requires: ['first.txt'], write: { 'second.txt': 'second\n' } },
            ],
          },
        },
      ],
    });
    const begun = home.begin(project.batch);
    // Started is not enough: killed between taking its step and writing, it would never write what the next one requires.
    const hasWritten = () => agentRuns(project.log).some(({ worktree }) => existsSync(join(worktree, 'first.txt')));
    expect(await until(hasWritten, 60_000)).toBe(true);
    begun.signal('SIGINT');
    const stopped = await begun.ended;
    const batch = batchOf(stopped);
    expect(stopped).toMatchObject({ code: 130, err: expect.stringContaining(`start-batch --resume ${batch}`) });
    await nothingRuns();
    expect(isAnyAlive(agentRuns(project.log)[0]!)).toBe(false);

    const resumed = await home.run(['start-batch', '--resume', '--json']);
    expect(resumed.code, `${resumed.err}\n${resumed.out}`).toBe(0);
    const view = resumed.json<BatchView>();
    expect(view).toMatchObject({ batch, state: 'done', issues: [{ outcome: 'approved' }] });
    const [first, second] = agentRuns(project.log);
    expect(second).toMatchObject({ session: first!.session, attempt: 1, resumed: true });
    expect(await contradictions({ home, project, view })).toEqual([]);
    await nothingRuns();
  }, 180_000);

  test('that is killed kills nothing else: the next one takes over what goes on', async () => {
    const gate = join(home.root, 'gate');
    const wait = ['sh', '-c', `until [ -e ${gate} ]; do sleep 0.1; done`];
    const project = await createProject(home, {
      issues: [{ id: 'on', script: { implement: { run: [wait], write: { 'on.txt': 'on\n' } } } }],
    });
    const begun = home.begin(project.batch);
    expect(await until(() => agentRuns(project.log).length === 1, 60_000)).toBe(true);
    const before = [await home.server(), await home.worker()];
    begun.signal('SIGKILL');
    expect(await begun.ended).toMatchObject({ signal: 'SIGKILL' });
    const next = home.begin(['start-batch', '--resume']);
    await next.said('goes on');
    expect([await home.server(), await home.worker()]).toEqual(before);
    await writeFile(gate, '');
    const ended = await next.ended;
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('[on] Review: approved') });
    expect(agentRuns(project.log).map((run) => run.role)).toEqual(['implement', 'review']);
    await nothingRuns();
  }, 180_000);

  test('cleans up what is over, refuses what is on no ref, and Ctrl-C ends an up with all that it started', async () => {
    const up = await home.up();
    const project = await createProject(home, {
      config: { review: { rounds: 1 } },
      issues: ['dirty', 'clean', 'open'].map((id) => ({
        id,
        script: { implement: { write: { [`${id}.txt`]: `${id}\n` } }, review: { end: 'needs-work' } },
      })),
    });
    const view = (await home.run([...project.batch, '--json'])).json<BatchView>();
    const layout = stateLayout(home.state).repository(view.repo);
    // Ended by other hands, so that nobody cleaned up after them.
    const connection = await Connection.connect({ address: (await home.server())!.address });
    const client = new Client({ connection });
    for (const { workflowId } of view.issues.slice(0, 2)) await client.workflow.getHandle(workflowId!).terminate();
    await connection.close();
    await writeFile(join(layout.worktree('dirty'), 'notes.txt'), 'not committed\n');
    const items = (ran: Ran) =>
      Object.fromEntries(ran.json<CleanedUp>().items.map(({ path, action, reason }) => [path, [action, reason]]));
    const worktrees = async () => (await readdir(layout.worktrees)).toSorted();

    const dry = await home.run(['cleanup', '--dry-run', '--json']);
    expect(dry.code).toBe(1);
    expect(items(dry)).toEqual({
      [layout.worktree('dirty')]: ['refused', expect.stringContaining('changes that are not committed')],
      [layout.worktree('clean')]: ['would-remove', 'issue clean is over'],
      [layout.worktree('open')]: ['kept', expect.stringContaining('is under way')],
    });
    expect(await worktrees()).toEqual(['clean', 'dirty', 'open']);
    const cleaned = await home.run(['cleanup']);
    expect(cleaned).toMatchObject({ code: 1, out: expect.stringMatching(/dirty +refused .*rm -r/) });
    expect(await worktrees()).toEqual(['dirty', 'open']);

    up.signal('SIGINT');
    expect(await up.ended).toMatchObject({ code: 130 });
    await nothingRuns();
  }, 180_000);
});

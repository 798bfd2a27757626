import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hasPidNamespaces } from '../../activities/process/containment.ts';
import type { BatchView } from '../../client/batch/view.ts';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { agentRuns, isAnyAlive } from '../support/e2e/agent-log.ts';
import { contradictions } from '../support/e2e/contradictions.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import { livesIn, ownNamespace, until } from '../support/processes.ts';
import { createProject, type Project, type ScriptedIssue } from '../support/e2e/project.ts';
import { git, writeFiles } from '../support/git/user-repository.ts';

/** Far beyond any test, milliseconds: what sleeps that long is ended by somebody. */
const FOREVER = 600_000;

/** A cancel reaches an activity with the answer to a heartbeat: within 5 s. */
const TOLD_MS = 6_000;

const work = (id: string) => ({ write: { [`${id}.txt`]: `work of ${id}\n` } });

/** Works, leaves a child in its group or one with a session of its own, and never ends. */
const hanging = (id: string, escapes: boolean, end = 'hang') => ({ ...work(id), child: { ms: FOREVER, escapes }, end });

/** One issue for each stage that a cancel can meet, named after it; what has no script is held there from outside. */
const stages: readonly ScriptedIssue[] = [
  { id: 'preparing' },
  { id: 'implementing', script: { implement: hanging('implementing', true) } },
  { id: 'deaf', script: { implement: hanging('deaf', false, 'deaf') } },
  { id: 'checking' },
  { id: 'publishing' },
  { id: 'reviewing', script: { implement: work('reviewing'), review: hanging('review', true) } },
  {
    id: 'fixing',
    script: { implement: work('start'), review: { end: 'needs-work' }, fix: hanging('fixing', false) },
  },
  {
    id: 'asking',
    script: { implement: work('asking'), review: { end: 'needs-work' }, fix: { append: { 'asking.txt': 'more\n' } } },
  },
  { id: 'parked', script: { implement: { ...work('parked'), end: 'limited', resetMs: FOREVER } } },
  { id: 'landing' },
];

const here = hasPidNamespaces() ? null : 'bubblewrap is not installed, or may not make namespaces here';
if (here !== null) process.stderr.write(`cancel with pid namespaces is SKIPPED: ${here}\n`);

describe.skipIf(inject('temporal') === null).each([
  ['the kernel, in pid namespaces', undefined],
  ['sweeping the process table', 'sweep'],
] as const)('cancel, by %s,', (_how, containment) => {
  const isImpossible = containment === undefined && here !== null;
  let home: Home;
  let marks: string;
  beforeAll(async () => {
    home = await createHome(containment ? { containment } : {});
    marks = join(home.root, 'marks');
    await mkdir(marks);
    await home.up({ MILLRACE_SLOTS: '16' });
  });
  afterAll(() => home.remove());

  /** Stands still in the worktree of one issue, with a child of its own. */
  const standIn = (name: string) =>
    `if [ "$(basename "$PWD")" = ${name} ]; then sleep 600 & echo "$(readlink /proc/self/ns/pid)@$(cut -d" " -f22 /proc/1/stat)" $$ $! > ${marks}/${name}; wait; fi`;

  /** The remote says that it was asked, and answers when it is let go. */
  async function slowRemote({ remote }: Project, branches: Readonly<Record<string, string>>) {
    const hold = (name: string) => `touch ${marks}/${name}; while [ ! -e ${marks}/${name}.go ]; do sleep 0.1; done`;
    const cases = Object.entries(branches).map(([name, pattern]) => `${pattern}) ${hold(name)};;`);
    const hook = `#!/bin/sh\nwhile read -r old new ref; do case "$ref" in ${cases.join(' ')} esac; done\n`;
    await writeFiles(join(remote, 'hooks'), { 'pre-receive': hook });
    await chmod(join(remote, 'hooks', 'pre-receive'), 0o755);
  }

  const marked = (name: string) =>
    access(join(marks, name)).then(
      () => true,
      () => false,
    );

  /** Whether anything of an issue lives: an agent, a set-up, a check, or a child of one. */
  async function isAnyOf(project: Project, id: string): Promise<boolean> {
    const [namespace = '', ...pids] = (await readFile(join(marks, id), 'utf8').catch(() => ''))
      .split(/\s+/)
      .filter(Boolean);
    const agents = agentRuns(project.log).filter((run) => run.issue === id);
    return agents.some(isAnyAlive) || pids.some((pid) => livesIn(namespace, Number(pid)));
  }

  /** Types the cancel of an issue and holds it to its 10 s. */
  async function cancel(project: Project, id: string) {
    const cancelling = home.begin(['cancel', id]);
    await cancelling.said('is being cancelled');
    expect(await until(async () => !(await isAnyOf(project, id)), 10_000), `${id} has processes`).toBe(true);
    return cancelling;
  }

  test.skipIf(isImpossible)(
    'ends an issue in each of its stages: nothing of it runs on, and its work is kept',
    async () => {
      const project = await createProject(home, {
        issues: stages,
        config: {
          worktree: { setup: [standIn('preparing')] },
          checks: [{ name: 'slow', run: standIn('checking'), timeout: '10m' }],
          landing: 'direct',
          review: { rounds: 2 },
        },
      });
      await slowRemote(project, { publishing: '*/publishing-*', landing: 'refs/heads/main' });
      const batch = home.begin([...project.batch, '--width', '10', '--json']);
      const runs = (issue: string, role: string) =>
        agentRuns(project.log).filter((run) => run.issue === issue && run.role === role);
      const leftChild = (issue: string, role: string) => (runs(issue, role)[0]?.children.length ?? 0) > 0;
      const reached: Readonly<Record<string, () => boolean | Promise<boolean>>> = {
        preparing: () => marked('preparing'),
        implementing: () => leftChild('implementing', 'implement'),
        deaf: () => leftChild('deaf', 'implement'),
        checking: () => marked('checking'),
        publishing: () => marked('publishing'),
        reviewing: () => leftChild('reviewing', 'review'),
        fixing: () => leftChild('fixing', 'fix'),
        asking: () => runs('asking', 'review')[1]?.end != null,
        parked: () => runs('parked', 'implement')[0]?.end != null,
        landing: () => marked('landing'),
      };
      const codes = await Promise.all(
        Object.entries(reached).map(async ([id, isThere]) => {
          expect(await until(isThere, 120_000), `${id} got there`).toBe(true);
          const cancelling = await cancel(project, id);
          if (id === 'landing' || id === 'publishing') {
            await sleep(TOLD_MS); // the step knows by now, and has to live with what the remote makes of it
            await writeFile(join(marks, `${id}.go`), '');
          }
          return [id, (await cancelling.ended).code];
        }),
      );
      const ran = await batch.ended;
      const view = ran.json<BatchView>();
      expect(ran.code).toBe(1);
      // What the remote took before it could be stopped has landed, and is not called anything else.
      const expected = (id: string) => (id === 'landing' ? 'landed' : 'cancelled');
      expect(view.issues.map(({ id, outcome }) => [id, outcome])).toEqual(stages.map(({ id }) => [id, expected(id)]));
      expect(codes).toEqual(stages.map(({ id }) => [id, id === 'landing' ? 1 : 0]));
      expect(await contradictions({ home, project, view })).toEqual([]);

      const { mirror } = stateLayout(home.state).repository(view.repo);
      const refs = (await git(mirror, 'for-each-ref', '--format=%(refname)', 'refs/millrace')).split('\n');
      for (const { id } of stages.filter((issue) => issue.id !== 'preparing')) {
        const newest = refs.findLast((ref) => ref.startsWith(`refs/millrace/${id}/`));
        const files = await git(mirror, 'ls-tree', '--name-only', newest ?? `no ref of ${id}`);
        expect(files.split('\n'), `${newest}`).toContain(`${id}.txt`);
      }
      const inside = agentRuns(project.log).filter(({ namespace }) => namespace !== ownNamespace());
      expect(inside.length).toBe(containment === 'sweep' ? 0 : agentRuns(project.log).length);
    },
    240_000,
  );

  test.skipIf(isImpossible)(
    'ends a batch: what is under way is cancelled, what waits is never started',
    async () => {
      const project = await createProject(home, {
        issues: [
          { id: 'first', priority: 'blocker', script: { implement: hanging('first', true) } },
          { id: 'second', priority: 'high', script: { implement: work('second'), review: hanging('review', false) } },
          { id: 'third', dependencies: ['first'] },
          { id: 'fourth', priority: 'low' },
        ],
      });
      const batch = home.begin([...project.batch, '--width', '2']);
      await batch.said(/^\[second\].*reviewing/m);
      const leftChildren = () => agentRuns(project.log).filter((run) => run.children.length > 0);
      expect(await until(() => leftChildren().length === 2, 60_000)).toBe(true);
      const [, id] = /batch (\S+):/.exec(batch.text())!;
      const cancelling = home.begin(['cancel', id!]);
      await cancelling.said('is being cancelled');
      expect(await until(() => !leftChildren().some(isAnyAlive), 10_000)).toBe(true);
      expect((await cancelling.ended).code).toBe(0);
      expect((await batch.ended).code).toBe(1);

      const view = (await home.run(['report', id!, '--json'])).json<BatchView>();
      expect(view.issues.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled', 'skipped', 'skipped']);
      expect(view.issues[3]!.reason).toContain('never started');
      expect(await contradictions({ home, project, view })).toEqual([]);
      expect(agentRuns(project.log).filter((run) => run.issue === 'third' || run.issue === 'fourth')).toEqual([]);
      const again = await home.run(['cancel', id!]);
      expect(again).toMatchObject({ code: 2, err: expect.stringContaining('this batch is over') });
    },
    120_000,
  );
});

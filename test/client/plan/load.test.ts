import { createHash } from 'node:crypto';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsageError } from '../../../client/input/errors.ts';
import { issueKey } from '../../../client/plan/key.ts';
import { resolvePlan, type ResolvePlanInput } from '../../../client/plan/load.ts';
import { goodFiles } from '../../support/input/good-input.ts';
import { temporaryFolder, writeFiles, type Files } from '../../support/git/user-repository.ts';

async function load(files: Files, input: Partial<ResolvePlanInput> = {}) {
  const folder = await temporaryFolder();
  await writeFiles(folder, files);
  return resolvePlan({ plan: 'plan.yaml', issues: [], cwd: folder, repositoryPath: folder, ...input });
}

test('what planners write beside our keys goes on to the agent, and the user is told that it does nothing here', async () => {
  const { plan, notices } = await load({
    'plan.yaml': `
tasks:
  - { id: a, file: tasks/a.md, estimate: 3h }
  - { id: b, name: Ours, file: tasks/b.md }
`,
    'tasks/a.md': '---\nid: a\ntitle: Add a login\nobjective: |\n  Let ```people``` in.\nassignee:\n---\nDo it.\n',
    'tasks/b.md': '---\ntitle: Theirs\n---\nDo it.\n',
  });
  const [a, b] = plan.issues;
  expect(a?.title).toBe('Add a login');
  expect(a?.body).toBe(
    'Do it.\n\nThe plan also says:\n\n````yaml\ntitle: Add a login\nobjective: |\n  Let ```people``` in.\nestimate: 3h\n````',
  );
  expect(b?.title).toBe('Ours');
  expect(b?.body).toContain('title: Theirs');
  expect(notices).toEqual(['passed on to the agents as text, without effect here: objective, estimate']);
});

test.each(['depends_on', 'dependsOn', 'blocked-by', 'needs', 'Priority', 'prioritiy'])(
  'a key that looks like one of ours is refused: %s',
  async (key) => {
    const plan = load({ 'plan.yaml': `tasks:\n  - { id: a, instructions: x, ${key}: high }\n` });
    await expect(plan).rejects.toThrow(`unknown key "${key}"`);
  },
);

test("seed 003's plan is read: index and task files, with keys of the planner's own around them", async () => {
  const { plan, notices } = await load({
    'plan.yaml': `
metadata: { name: "Feature Name", created: "20251027-120000", status: ready }
overview: |
  What we build.
research: { approach: best, libraries: [{ name: x, reason: y }] }
tasks:
  - id: "task-0"
    name: "Shared types"
    file: "tasks/task-0.md"
    priority: "blocker"
    dependencies: []
  - { id: task-1, name: Use them, file: tasks/task-1.md, priority: high, dependencies: [task-0] }
  - { id: task-2, file: tasks/task-2.md }
shared_resources: { files: [{ path: config/app.ts }] }
`,
    'tasks/task-0.md':
      '---\nid: task-0\npriority: low\nstatus: completed\ndependencies: []\nlabels:\n  - auto\n---\n\n# Types\n\nText.\n',
    'tasks/task-1.md':
      '---\nid: task-1\nstatus: in_progress\nfiles: [./src/a.ts, src/]\n---\n# Other title\n\nDo it.\n',
    'tasks/task-2.md':
      '---\r\nid: task-2\r\npriority: low\r\nstatus: blocked\r\ndependencies:\r\n  - task-1\r\n---\r\n\r\n## Docs ##\r\n\r\nWrite.\r\n',
  });
  expect(plan.name).toBe('Feature Name');
  expect(plan.issues).toEqual([
    {
      id: 'task-0',
      key: 'task-0',
      title: 'Shared types',
      priority: 'blocker',
      dependencies: [],
      files: [],
      labels: ['auto'],
      body: '# Types\n\nText.',
      skip: expect.stringContaining('tasks/task-0.md:4:9'),
      textHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    {
      id: 'task-1',
      key: 'task-1',
      title: 'Use them',
      priority: 'high',
      dependencies: ['task-0'],
      files: ['src/a.ts', 'src/'],
      labels: [],
      body: '# Other title\n\nDo it.',
      skip: null,
      textHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    {
      id: 'task-2',
      key: 'task-2',
      title: 'Docs',
      priority: 'low',
      dependencies: ['task-1'],
      files: [],
      labels: [],
      body: '## Docs ##\n\nWrite.',
      skip: null,
      textHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  ]);
  expect(notices).toEqual(['1 of 3 skipped as completed: task-0']);
});

test("seed 004's tasks.json is read, and a folder stands for the plan in it", async () => {
  const tasks = {
    'fix-auth-bug': {
      instructions: 'Fix JWT expiration bug in src/api/auth.py',
      files: ['src/api/auth.py', 'tests/test_auth.py'],
    },
    'improve-logging': {
      instructions: 'Add debug logging\nto critical paths',
      files: ['executor.py'],
      dependencies: ['fix-auth-bug'],
      priority: 'low',
      labels: ['x'],
      name: 'Logging',
    },
  };
  const { plan } = await load({ 'tasks.json': JSON.stringify(tasks, null, '\t') }, { plan: '.' });
  expect(plan.issues).toMatchObject([
    {
      id: 'fix-auth-bug',
      title: 'Fix JWT expiration bug in src/api/auth.py',
      priority: 'medium',
      files: ['src/api/auth.py', 'tests/test_auth.py'],
    },
    { id: 'improve-logging', title: 'Logging', priority: 'low', dependencies: ['fix-auth-bug'], labels: ['x'] },
  ]);
});

test('one-off issues come from flags, alone or after a plan that they may depend on', async () => {
  const flags = ['fix=Fix the login = now', 'docs=@notes/docs.md'];
  const files = { ...goodFiles, 'notes/docs.md': '---\ndependencies: [fix]\npriority: high\n---\n# Write docs\n' };
  const alone = await load(files, { plan: null, issues: flags });
  expect(alone.plan.issues).toMatchObject([
    { id: 'fix', title: 'Fix the login = now', body: 'Fix the login = now' },
    { id: 'docs', title: 'Write docs', dependencies: ['fix'], priority: 'high' },
  ]);
  const both = await load(files, { issues: flags });
  expect(both.plan.issues.map(({ id }) => id)).toEqual(['a', 'b', 'fix', 'docs']);
});

test('a task may name its issue on the forge, in each of the formats', async () => {
  const folder = await temporaryFolder();
  await writeFiles(folder, {
    'plan.yaml':
      'tasks:\n  - { id: a, instructions: x, issue: 17 }\n  - { id: b, file: b.md }\n  - { id: c, instructions: y }\n',
    'b.md': "---\nissue: '#18'\n---\n# B\n",
    'tasks.json': '{"a": {"instructions": "x", "issue": 19}}',
  });
  const numbers = async (plan: string) => {
    const loaded = await resolvePlan({ plan, issues: [], cwd: folder, repositoryPath: folder });
    return loaded.plan.issues.map(({ number }) => number);
  };
  expect(await numbers('plan.yaml')).toEqual([17, 18, undefined]);
  expect(await numbers('tasks.json')).toEqual([19]);
});

test('ids are kept as they were written: 007 is neither 7 nor 0o7', async () => {
  const { plan } = await load({
    'plan.yaml':
      'tasks:\n  - { id: 007, instructions: x }\n  - { id: 1.10, instructions: x, dependencies: [007] }\n  - { id: true, instructions: x, name: 42 }\n',
  });
  expect(plan.issues.map(({ id }) => id)).toEqual(['007', '1.10', 'true']);
  expect(plan.issues[1]?.dependencies).toEqual(['007']);
  expect(plan.issues[2]?.title).toBe('42');
});

test('a key is safe in a ref, a path and a workflow id; different ids have different keys', () => {
  expect(issueKey('fix-login_2')).toBe('fix-login_2');
  expect(issueKey('fix login!')).toMatch(/^fix-login-[0-9a-f]{8}$/);
  expect(issueKey('-rf')).toMatch(/^rf-[0-9a-f]{8}$/);
  expect(issueKey('Größe')).toMatch(/^Gro-e-[0-9a-f]{8}$/);
  expect(issueKey('日本語')).toMatch(/^issue-[0-9a-f]{8}$/);
  expect(issueKey('x'.repeat(49))).toMatch(/^x{39}-[0-9a-f]{8}$/);
  const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(id, id, (one, other) => {
      expect(issueKey(one)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,47}$/);
      expect(issueKey(one) === issueKey(other)).toBe(one === other);
    }),
  );
});

test('the title is the name, else the first heading, else the first line, and at most 120 long', async () => {
  const { plan } = await load({
    'plan.yaml': `tasks:\n  - { id: a, instructions: "intro\\n# Heading\\nmore" }\n  - { id: b, instructions: "${'word '.repeat(60)}" }\n`,
  });
  expect(plan.issues[0]?.title).toBe('Heading');
  expect(plan.issues[1]?.title).toHaveLength(120);
});

test('the hash of a text changes with the text and with nothing else', async () => {
  const text = async (name: string, priority: string) =>
    (await load({ 'plan.yaml': `tasks:\n  - { id: a, name: ${name}, priority: ${priority}, instructions: do }\n` }))
      .plan.issues[0]!;
  const issue = await text('one', 'low');
  expect(issue.textHash).toBe(createHash('sha256').update('one\n\ndo').digest('hex'));
  expect((await text('one', 'high')).textHash).toBe(issue.textHash);
  expect((await text('two', 'low')).textHash).not.toBe(issue.textHash);
});

test('a task file that is a link out of the repository is not shown to an agent', async () => {
  const folder = await temporaryFolder();
  await writeFiles(folder, {
    'secret.txt': 'secret',
    'repository/plan.yaml': 'tasks:\n  - { id: a, file: a.md }\n  - { id: b, file: ../secret.txt }\n',
  });
  const cwd = join(folder, 'repository');
  await symlink('../secret.txt', join(cwd, 'a.md'));
  const refused = await resolvePlan({ plan: 'plan.yaml', issues: [], cwd, repositoryPath: cwd }).catch(
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(UsageError);
  expect((refused as UsageError).problems.map(({ where }) => where)).toEqual(['plan.yaml:2:20', 'plan.yaml:3:20']);
});

test('10,000 issues are loaded; one more is refused', async () => {
  const tasks = (count: number) => ({
    'tasks.json': JSON.stringify(
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [
          `i${at}`,
          { instructions: `do ${at}`, dependencies: at ? [`i${at - 1}`] : [] },
        ]),
      ),
    ),
  });
  expect((await load(tasks(10_000), { plan: 'tasks.json' })).plan.issues).toHaveLength(10_000);
  await expect(load(tasks(10_001), { plan: 'tasks.json' })).rejects.toThrow('at most 10000');
});

test('at most 20 problems are printed, and the rest is a number', async () => {
  const lines = Array.from({ length: 30 }, (_, at) => `  - { id: i${at}, instructions: x, dependencies: [gone] }\n`);
  const error = await load({ 'plan.yaml': `tasks:\n${lines.join('')}` }).catch(
    (thrown: unknown) => thrown as UsageError,
  );
  expect(error).toBeInstanceOf(UsageError);
  expect((error as UsageError).message.match(/try:/g)).toHaveLength(20);
  expect((error as UsageError).message).toContain('and 10 more');
});

test('a folder of the planners of today is found', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, '.parallel'), { recursive: true });
  await writeFiles(join(folder, '.parallel/plans/active'), goodFiles);
  const { plan } = await resolvePlan({ plan: '.', issues: [], cwd: folder, repositoryPath: folder });
  expect(plan.issues.map(({ id }) => id)).toEqual(['a', 'b']);
});

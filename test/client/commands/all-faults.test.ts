import { expect, test } from 'vitest';
import { UsageError } from '../../../client/input/errors.ts';
import { dryRun } from '../../support/input/dry-run.ts';
import { makeRepository, temporaryFolder, writeFiles, type Files } from '../../support/git/user-repository.ts';

async function faultsOf(files: Files, args: readonly string[] = ['plan.yaml']): Promise<readonly string[]> {
  const folder = await temporaryFolder();
  await makeRepository(folder, { 'millrace.yaml': files['millrace.yaml'] ?? goodConfig });
  await writeFiles(folder, files);
  const refused = await dryRun(folder, args).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UsageError);
  return (refused as UsageError).problems.map(({ where, what }) => `${where}: ${what}`);
}

const goodConfig = 'profiles:\n  main: { agent: command, run: [git] }\n';

test('every fault of a plan and its task files is told at once, and none that only follows from another', async () => {
  const faults = await faultsOf({
    'plan.yaml': `tasks:
  - { id: a, instructions: do it, priority: urgent }
  - { id: b, instructions: do it, dependencies: [a, gone] }
  - { id: a, instructions: again }
  - { id: c, file: c.md, files: [/etc/passwd] }
  - { id: d, file: none.md, dependencies: [c] }
  - { id: e, dependencies: [e] }
  - { id: f, file: f.md, issue: 7, dependencies: [d] }
  - { id: g, instructions: do it, issue: 7, dependencys: [a] }
`,
    'c.md': '---\nid: other\nstatus: done\n---\nDo it.\n',
    'f.md': '---\nid: f\n---\n',
  });
  expect(faults).toEqual([
    'plan.yaml:2:45: tasks.0.priority can\'t be "urgent"',
    'plan.yaml:3:53: "b" depends on "gone", which is not in the plan',
    'plan.yaml:4:11: the id "a" appears twice, first at plan.yaml:2:11',
    'plan.yaml:5:34: "/etc/passwd" is not a path inside the repository',
    "plan.yaml:6:20: none.md can't be read (ENOENT)",
    'plan.yaml:7:5: task "e" has no text',
    'plan.yaml:7:29: "e" depends on itself',
    'plan.yaml:8:11: there is no text that says what to do for "f"',
    'plan.yaml:9:42: "f" and "g" are both issue #7',
    'plan.yaml:9:45: unknown key "dependencys" in tasks.7',
    'c.md:2:5: the file is task "other", but plan.yaml:5:20 names it for task "c"',
    'c.md:3:9: status can\'t be "done"',
  ]);
});

test('a task without an id takes nobody else down, and what it may have been called is not held against others', async () => {
  const faults = await faultsOf({
    'plan.yaml': `tasks:
  - { name: no id, instructions: do it }
  - { id: b, instructions: do it, dependencies: [a] }
  - { id: b, instructions: do it, labels: [x, { y: z }, w], files: [ok, 7.5, ../up] }
`,
  });
  expect(faults).toEqual([
    'plan.yaml:2:5: tasks.0.id is missing',
    'plan.yaml:4:11: the id "b" appears twice, first at plan.yaml:3:11',
    'plan.yaml:4:47: tasks.2.labels.1 must be a text, not a mapping',
    'plan.yaml:4:78: "../up" is not a path inside the repository',
  ]);
});

test('a tasks.json is told of in one go, too', async () => {
  const tasks = `{
  "a": { "instructions": "x", "priority": "soon" },
  "b": { "instructions": "", "dependencies": ["a", "c", "gone"] },
  "c": { "files": ["/x"] }
}`;
  expect(await faultsOf({ 'tasks.json': tasks }, ['tasks.json'])).toEqual([
    'tasks.json:2:43: a.priority can\'t be "soon"',
    'tasks.json:3:3: there is no text that says what to do for "b"',
    'tasks.json:3:57: "b" depends on "gone", which is not in the plan',
    'tasks.json:4:8: c.instructions is missing',
  ]);
});

test('every fault of a configuration is told at once, with those of flags and of the plan', async () => {
  const config = `version: 2
profiles:
  one: { agent: comand, run: [git] }
  two: { agent: command, run: [git], fallback: none, limits: { wall: 48h } }
  three: { agent: command, run: [no-such-program], env: [MILLRACE_GITHUB_TOKEN] }
roles: { implement: one, review: [two, fuor], fix: three }
checks:
  - { name: test, run: 5 }
  - { name: lint, run: [x], timeout: 25h }
  - { name: lint, run: [x] }
batch: { width: 0 }
issue: { budget: {} }
landing: consolidated
`;
  const args = ['plan.yaml', '--width', 'many', '--issue', 'x'];
  expect(await faultsOf({ 'millrace.yaml': config, 'plan.yaml': 'tasks:\n  - { id: a }\n' }, args)).toEqual([
    '--width: "many" is not a whole number from 1 to 500',
    'millrace.yaml:1:10: version can\'t be "2"',
    'millrace.yaml:3:17: profiles.one.agent can\'t be "comand"',
    'millrace.yaml:4:48: profile two: there is no profile "none" to fall back to',
    'millrace.yaml:4:70: "48h" is not between 1ms and 24h',
    'millrace.yaml:5:34: AgentUnavailable: profile three: there is no program "no-such-program" on PATH',
    'millrace.yaml:5:58: profile three: MILLRACE_GITHUB_TOKEN is never handed to an agent',
    'millrace.yaml:6:40: roles.review: there is no profile "fuor"',
    'millrace.yaml:8:24: checks.0.run must be a list or a text, not the number 5',
    'millrace.yaml:9:38: "25h" is not between 1ms and 24h',
    'millrace.yaml:10:13: two checks are called "lint"',
    'millrace.yaml:11:17: batch.width must be at least 1',
    'millrace.yaml:12:18: issue: a budget needs an amount',
    'millrace.yaml:13:10: landing: this version does not know `consolidated` yet',
    'plan.yaml:2:5: task "a" has no text',
    '--issue "x": has no id',
  ]);
});

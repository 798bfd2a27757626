import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createDemo, type Demo } from '../../client/demo/sample.ts';

interface PlanFile {
  readonly tasks: readonly {
    readonly id: string;
    readonly file: string;
    readonly dependencies: readonly string[];
    readonly files: readonly string[];
  }[];
}

let folder: string;
let demo: Demo;
let plan: PlanFile;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-sample-'));
  demo = await createDemo(folder);
  plan = parse(await readFile(demo.plan, 'utf8')) as PlanFile;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the sample repository is clean and its origin has the same commit', async () => {
  const git = (...args: string[]) => execa('git', args, { cwd: demo.repository }).then((result) => result.stdout);
  expect(await git('status', '--porcelain')).toBe('');
  expect(await git('ls-remote', 'origin', 'refs/heads/main')).toContain(await git('rev-parse', 'main'));
});

test("the sample repository's own tests pass", async () => {
  const { stdout } = await execa('node', ['--test', '--test-reporter=tap'], { cwd: demo.repository });
  expect(stdout).toContain('# pass 2');
});

test('every issue of the plan has a task file of the same id, and an expected outcome', async () => {
  expect(plan.tasks.map(({ id }) => id).toSorted()).toEqual(Object.keys(demo.expected).toSorted());
  for (const { id, file } of plan.tasks) {
    const text = await readFile(join(dirname(demo.plan), file), 'utf8');
    expect(text).toContain(`\nid: ${id}\n`);
    const script = /^```script\n([\s\S]*?)^```/m.exec(text)?.[1] ?? 'no script';
    expect(JSON.parse(script)).toHaveProperty('implement');
  }
});

test('the plan has a chain of three and a pair that touches the same file', () => {
  const dependencies = Object.fromEntries(plan.tasks.map((each) => [each.id, each.dependencies]));
  expect(dependencies).toMatchObject({ 'reading-time': ['word-count'], 'summary-line': ['reading-time'] });
  const readme = plan.tasks.filter(({ files }) => files.includes('README.md')).map(({ id }) => id);
  expect(readme).toEqual(['word-count', 'truncate']);
});

test('a folder that has a demonstration already is refused', async () => {
  await expect(createDemo(folder)).rejects.toThrow('is there already');
});

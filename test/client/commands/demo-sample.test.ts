import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../../client/config/load.ts';
import { createDemo, type Demo } from '../../../client/commands/demo-sample.ts';
import { resolvePlan } from '../../../client/plan/load.ts';
import type { PlanDocument } from '../../../workflows/domain/plan/plan.ts';
import { pushBackAnswer } from '../../../workflows/domain/agent/push-back.ts';

let folder: string;
let demo: Demo;
let plan: PlanDocument;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-sample-'));
  demo = await createDemo(folder);
  const asked = { plan: demo.plan, issues: [], cwd: folder, repositoryPath: demo.repository };
  plan = (await resolvePlan(asked)).plan;
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

test('its millrace.yaml is read from the base, and is one that this version can run', async () => {
  const asked = { repositoryPath: demo.repository, configFile: null, env: process.env, overrides: {} };
  const { settings, notices } = await loadConfig(asked);
  expect(settings).toMatchObject({
    forge: 'local',
    repository: { base: 'main' },
    roles: { implement: ['coder'], fix: ['coder'], review: ['reviewer'] },
    checks: [{ name: 'test', run: ['node', '--test'] }],
    review: { rounds: 3 },
    landing: 'none',
    batch: { width: 3 },
  });
  expect(notices.filter((notice) => notice.includes('millrace.yaml'))).toEqual([]);
});

test('every issue of the plan has a script and an expected outcome', () => {
  expect(plan.issues.map(({ id }) => id).toSorted()).toEqual(Object.keys(demo.expected).toSorted());
  for (const { body } of plan.issues) {
    const script = /^```script\n([\s\S]*?)^```/m.exec(body)?.[1] ?? 'no script';
    expect(JSON.parse(script)).toHaveProperty('implement');
  }
});

test('the plan has a chain of three and a pair that touches the same file', () => {
  const dependencies = Object.fromEntries(plan.issues.map((each) => [each.id, each.dependencies]));
  expect(dependencies).toMatchObject({ 'reading-time': ['word-count'], 'summary-line': ['reading-time'] });
  const readme = plan.issues.filter(({ files }) => files.includes('README.md')).map(({ id }) => id);
  expect(readme).toEqual(['word-count', 'truncate']);
});

test('no answer of ours talks the agent out of what is done already', () => {
  const done = plan.issues.find(({ id }) => id === 'lower-case');
  const summary = /"summary": "(.*)"/.exec(done?.body ?? '')?.[1] ?? '';
  expect(summary).toContain('already');
  expect(pushBackAnswer(summary)).toBeNull();
});

test('a folder that has a demonstration already is refused', async () => {
  await expect(createDemo(folder)).rejects.toThrow('is there already');
});

import { expect, test } from 'vitest';
import { loadConfig } from '../../../client/config/load.ts';
import { resolvePlan } from '../../../client/plan/load.ts';
import { previewPlan, type PlanPreview } from '../../../client/plan/preview.ts';
import { renderPlan } from '../../../client/render/plan.ts';
import { goodFiles } from '../../support/input/good-input.ts';
import { makeRepository, temporaryFolder, testEnv } from '../../support/git/user-repository.ts';

async function preview(tasks: readonly string[], width: number): Promise<PlanPreview> {
  const folder = await temporaryFolder();
  const plan = `metadata: { name: demo }\ntasks:\n${tasks.map((task) => `  - { ${task}, instructions: do it }\n`).join('')}`;
  await makeRepository(folder, { ...goodFiles, 'plan.yaml': plan });
  const overrides = { width: String(width) };
  const config = await loadConfig({ repositoryPath: folder, configFile: null, env: testEnv(), overrides });
  const loaded = await resolvePlan({ plan: 'plan.yaml', issues: [], cwd: folder, repositoryPath: folder });
  return previewPlan({ ...config, plan: loaded.plan, notices: [...config.notices, ...loaded.notices] });
}

const tasks = [
  'id: late, priority: low',
  'id: base, dependencies: [old]',
  'id: left, dependencies: [base], files: [src/a.ts]',
  'id: right, dependencies: [base], files: [src/]',
  'id: top, dependencies: [left, right]',
  'id: urgent, priority: blocker',
  'id: old, status: completed',
];

test('a dry run tells order, waves, and what waits for what and why', async () => {
  const result = await preview(tasks, 2);
  expect(result.waves).toEqual([['late', 'base', 'urgent'], ['left', 'right'], ['top']]);
  expect(result.criticalPath).toEqual(['base', 'left', 'top']);
  expect(result.skipped).toMatchObject([{ id: 'old', reason: expect.stringContaining('completed') }]);
  expect(result.issues.map(({ id, round, waits }) => [id, round, waits])).toEqual([
    ['urgent', 1, { kind: 'nothing' }],
    ['base', 1, { kind: 'nothing' }],
    ['left', 2, { kind: 'dependency', on: ['base'] }],
    ['late', 2, { kind: 'slot' }],
    ['right', 3, { kind: 'files', with: 'left' }],
    ['top', 4, { kind: 'dependency', on: ['right'] }],
  ]);
  expect(result.issues.find(({ id }) => id === 'left')?.neverBeside).toEqual(['right']);
});

test('the text has a line for each issue, and the facts that a person checks before a night', async () => {
  const text = renderPlan(await preview(tasks, 2), 100);
  const line = (id: string) => text.split('\n').find((each) => new RegExp(`^\\d+ +${id} `).test(each));
  expect(text).toContain('Plan demo: 6 issues to do, 1 skipped, 3 waves');
  expect(line('left')).toMatch(/^3 +left +medium +2 +base +do it$/);
  expect(line('right')).toContain('base; left (same files)');
  expect(line('late')).toContain('a free slot');
  expect(text).toContain('longest chain: base -> left -> top');
  expect(text).toContain('implement: script');
  expect(text).toMatch(/base +main at [0-9a-f]{12}/);
  expect(text).toContain('2 at once');
  expect(text).toContain('left to a person');
  expect(text).toContain('skipped: old (status: completed');
  expect(text).toContain('note: no sandbox yet');
  expect(text.split('\n').every((each) => each.length <= 100 || !/^\d/.test(each))).toBe(true);
});

test('a plan of which everything is completed is a dry run of nothing', async () => {
  const text = renderPlan(await preview(['id: a, status: completed'], 2));
  expect(text).toContain('Plan demo: 0 issues to do, 1 skipped, 0 waves');
  expect(text).toContain('skipped: a');
});

test('10,000 issues are previewed, each once', async () => {
  const many = Array.from({ length: 10_000 }, (_, at) => ({
    id: `i${at}`,
    key: `i${at}`,
    title: `Issue ${at}`,
    priority: 'medium' as const,
    dependencies: at % 7 === 0 || at === 0 ? [] : [`i${at - 1}`],
    files: [],
    body: 'x',
    labels: [],
    skip: null,
    textHash: '',
  }));
  const small = await preview(['id: a'], 20);
  const folder = await temporaryFolder();
  await makeRepository(folder, goodFiles);
  const config = await loadConfig({
    repositoryPath: folder,
    configFile: null,
    env: testEnv(),
    overrides: { width: '20' },
  });
  const large = previewPlan({ ...config, plan: { version: 1, name: small.name, issues: many }, notices: [] });
  expect(new Set(large.issues.map(({ id }) => id)).size).toBe(10_000);
  expect(large.criticalPath).toHaveLength(7);
});

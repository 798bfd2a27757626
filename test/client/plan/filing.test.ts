import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../client/input/errors.ts';
import { missingIssues, parseLabels, refuseUnfileable, requireForge, withLabels } from '../../../client/plan/filing.ts';
import { resolvePlan } from '../../../client/plan/load.ts';
import { renderFiling, viewFiling } from '../../../client/render/filing.ts';
import type { FiledIssue } from '../../../workflows/domain/plan/filing.ts';
import type { IssueRules, Settings } from '../../../workflows/domain/settings.ts';
import { temporaryFolder, writeFiles } from '../../support/git/user-repository.ts';

const rules: IssueRules = {
  exclude: [],
  inProgress: null,
  needsManualReview: null,
  priorities: { blocker: ['P0'], high: ['P1', 'high'], medium: [], low: ['low'] },
};
const place = { url: 'https://git.example.com', owner: 'acme', name: 'shop' };

async function planIn(text: string, name = 'plan.yaml') {
  const folder = await temporaryFolder();
  await writeFiles(folder, { [name]: text });
  const { plan } = await resolvePlan({ plan: name, issues: [], cwd: folder, repositoryPath: folder });
  return { plan, file: { path: join(folder, name), name } };
}

async function refusal(of: Promise<unknown>): Promise<string> {
  const error = await of.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  for (const { where, what, mend } of (error as UsageError).problems) expect([where, what, mend]).not.toContain('');
  return (error as UsageError).message;
}

describe('before a plan is filed', () => {
  test('the local forge is refused with its mend', () => {
    const local = () => requireForge({ forge: 'local' } as Settings, 'filing');
    expect(local).toThrow(/keeps no issues.*\n.*millrace start-batch PLAN.*--forge github/s);
    expect(() => requireForge({ forge: 'gitea' } as Settings, 'filing')).not.toThrow();
  });

  test.each(['', ' ', '\u200b', 'x'.repeat(101)])('%j is no label', (label) => {
    expect(() => parseLabels(['backlog', label])).toThrow(/--label: .*\n {2}try: /);
  });

  test('an issue has the labels of its task, of its priority, and those asked for, each once', async () => {
    const { plan } = await planIn(
      'tasks:\n- { id: a, body: x, priority: high, labels: [api, Backlog] }\n- { id: b, body: x }\n',
    );
    const { issues } = withLabels(plan, { rules, more: ['backlog'] });
    expect(issues.map(({ labels }) => labels)).toEqual([['api', 'Backlog', 'P1'], ['backlog']]);
    expect(withLabels(plan, { rules: undefined, more: [] }).issues[0]?.labels).toEqual(['api', 'Backlog']);
  });

  test('more than 500 open tasks are refused, completed ones do not count', async () => {
    const tasks = (count: number, more = '') =>
      Array.from({ length: count }, (_, index) => `- { id: t${index}, body: x${more} }\n`).join('');
    const full = await planIn(`tasks:\n${tasks(500)}- { id: done, body: x, status: completed }\n`);
    await refuseUnfileable(full.plan, full.file);
    const over = await planIn(`tasks:\n${tasks(501)}`);
    expect(await refusal(refuseUnfileable(over.plan, over.file))).toMatch(/plan\.yaml: .*501 tasks.*500.*\n.*split it/);
  });

  test('a text that a forge would not take is told with its line', async () => {
    const long = 'y'.repeat(59_990);
    const { plan, file } = await planIn(`tasks:\n- id: a\n  body: x\n- id: b\n  body: ${long}\n  dependencies: [a]\n`);
    expect(await refusal(refuseUnfileable(plan, file))).toMatch(
      /plan\.yaml:4:3: the text of "b" has 60011 .*\n.*shorten/,
    );
    const fits = { ...plan, issues: plan.issues.map((issue) => ({ ...issue, dependencies: [] })) };
    await refuseUnfileable(fits, file);
  });

  test.each([
    ['plan.yaml', 'tasks:\n- id: a\n  issue: 99\n  body: x\n', 'plan.yaml:3:10: the forge has no issue #99'],
    ['tasks.json', '{"a": {"instructions": "x",\n "issue": 99}}', 'tasks.json:2:11: the forge has no issue #99'],
  ])('a number in %s that leads nowhere is told with its line', async (name, text, says) => {
    const { plan, file } = await planIn(text, name);
    const error = await missingIssues({ missing: [{ key: 'a', number: 99 }] }, plan, file);
    expect(error.message).toContain(says);
    expect(error.message).toContain('remove the line');
  });
});

describe('what is shown of a filing', () => {
  const text = `tasks:
- { id: late, body: x, dependencies: [early] }
- { id: early, body: x, issue: 4 }
- { id: done, body: x, status: completed }
- { id: never, body: x }
`;
  const filed = (facts: Partial<FiledIssue>): FiledIssue => {
    return { key: 'late', number: 9, url: 'https://git.example.com/9', state: 'open', how: 'filed', ...facts };
  };

  test('before: the order, what has a number, what is completed', async () => {
    const { plan } = await planIn(text);
    const view = viewFiling(plan, place, null);
    expect(view.tasks.map(({ id, issue, how }) => [id, issue, how])).toEqual([
      ['early', 4, 'known'],
      ['never', null, 'to-file'],
      ['late', null, 'to-file'],
    ]);
    expect(view).toMatchObject({ dryRun: true, completed: ['done'], repository: 'https://git.example.com/acme/shop' });
    expect(renderFiling(view)).toMatch(/2 to file, 1 in the plan before, 1 completed[^]*Nothing was filed/);
  });

  test('after: numbers, what was closed meanwhile, and where it stopped', async () => {
    const { plan } = await planIn(text);
    const issues = [filed({ key: 'early', number: 4, state: 'closed', how: 'known' }), filed({ how: 'adopted' })];
    const stopped = { key: 'never', why: 'label\u001b[2J too long' };
    const view = viewFiling(plan, place, { version: 1, issues, missing: [], stopped });
    expect(view).toMatchObject({ dryRun: false, stopped: { id: 'never' } });
    const words = renderFiling(view);
    expect(words).toMatch(/0 filed, 1 found again, 1 in the plan before, 1 not reached/);
    expect(words).toMatch(/early +#4 +in the plan, closed/);
    expect(words).toContain('stopped at never: label[2J too long');
  });
});

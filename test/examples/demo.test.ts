import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDemo, type Demo } from '../../client/commands/demo-sample.ts';
import { runScripted } from './scripted.ts';

let folder: string;
let demo: Demo;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  demo = await createDemo(folder);
  await rename(demo.repository, join(folder, 'tree'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const git = (...args: string[]) =>
  execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd: join(folder, 'tree') });

/** An issue's text; its agent takes no time. */
async function taskFile(id: string) {
  const text = await readFile(join(dirname(demo.plan), 'tasks', `${id}.md`), 'utf8');
  return text.replaceAll(/"sleepMs": \d+/g, '"sleepMs": 0');
}

/** One issue from implement to its last review, without Temporal: do the scripts come to what they promise? */
async function play(id: string) {
  const body = await taskFile(id);
  const step = async (role: string, round: number) => {
    const before = await git('rev-parse', 'HEAD^{tree}');
    const { events, stderr } = await runScripted({ folder, body, context: { role, round } });
    expect(stderr).toBe('');
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '--message=left dirty');
    const changed = (await git('rev-parse', 'HEAD^{tree}')).stdout !== before.stdout;
    return { changed, ...events.find((each) => each['type'] === 'result') } as Record<string, unknown>;
  };
  const first = await step('implement', 0);
  if (first['status'] === 'no-change') return { outcome: 'no-change', fixes: 0, changed: first['changed'] };
  for (let round = 1; round <= 3; round++) {
    if ((await step('review', round))['verdict'] === 'approved') return { outcome: 'approved', fixes: round - 1 };
    if (round < 3) expect(await step('fix', round)).toMatchObject({ changed: true, status: 'completed' });
  }
  return { outcome: 'needs-manual-review', fixes: 2 };
}

test.each([
  ['word-count', { outcome: 'approved', fixes: 0 }],
  ['reading-time', { outcome: 'approved', fixes: 2 }],
  ['summary-line', { outcome: 'approved', fixes: 0 }],
  ['truncate', { outcome: 'approved', fixes: 0 }],
  ['title-case', { outcome: 'needs-manual-review', fixes: 2 }],
  ['lower-case', { outcome: 'no-change', fixes: 0, changed: false }],
])(
  'the script of %s comes to what the demonstration promises',
  async (id, played) => {
    expect(await play(id)).toEqual(played);
    expect(demo.expected).toHaveProperty(id, played.outcome);
  },
  30_000,
);

test('work that builds on a missing dependency is a crash', async () => {
  const body = await taskFile('summary-line');
  await git('switch', '--quiet', '--detach', 'origin/main');
  const { exitCode, stderr } = await runScripted({ folder, body });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('src/words.js is not here');
});

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runScripted, scriptBody, type ScriptedAsk } from './scripted.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-agent-'));
  await mkdir(join(folder, 'tree'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tree = (path: string) => join(folder, 'tree', path);

async function run(script: unknown, rest: Omit<ScriptedAsk, 'folder' | 'body'> = {}) {
  const ran = await runScripted({ folder, body: scriptBody(script), ...rest });
  return { ...ran, result: ran.events.find((each) => each['type'] === 'result') };
}

describe('work', () => {
  test('files are written and appended, status and usage are told, and the tree is left dirty', async () => {
    await execa('git', ['init', '--quiet'], { cwd: tree('.') });
    const write = { 'src/a.js': ['one'] };
    const step = {
      say: ['writing'],
      write,
      append: { 'src/a.js': ['two'] },
      usage: { inputTokens: 7 },
      summary: 'done',
    };
    const { events, exitCode } = await run({ implement: step });
    expect(events).toEqual([
      { type: 'status', text: 'writing' },
      { type: 'usage', inputTokens: 7 },
      { type: 'result', status: 'completed', summary: 'done' },
    ]);
    expect(exitCode).toBe(0);
    expect(await readFile(tree('src/a.js'), 'utf8')).toBe('one\ntwo\n');
    expect((await execa('git', ['status', '--porcelain'], { cwd: tree('.') })).stdout).toBe('?? src/');
  });

  test('a step with a message for it commits', async () => {
    await execa('git', ['init', '--quiet'], { cwd: tree('.') });
    await run({ implement: { write: { 'a.txt': 'a' }, commit: 'feat: a' } });
    expect((await execa('git', ['log', '--format=%s'], { cwd: tree('.') })).stdout).toBe('feat: a');
    expect((await execa('git', ['status', '--porcelain'], { cwd: tree('.') })).stdout).toBe('');
  });

  test('a required file that is missing is a crash without a result', async () => {
    const { exitCode, result, stderr } = await run({ implement: { requires: ['b.js'] } });
    expect({ exitCode, result }).toEqual({ exitCode: 1, result: undefined });
    expect(stderr).toContain('b.js is not here');
  });

  test('a program that fails makes the work failed, with its words', async () => {
    const { result } = await run({ implement: { run: [['node', '-e', 'console.log("red"); process.exit(3)']] } });
    expect(result).toMatchObject({ status: 'failed', summary: expect.stringMatching(/ended with 3: red/) });
  });

  test('a path that leaves the worktree is refused', async () => {
    const { exitCode, stderr } = await run({ implement: { write: { '../outside': 'x' } } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('outside the worktree');
    expect(existsSync(join(folder, 'outside'))).toBe(false);
  });
});

describe('which step', () => {
  const script = { fix: [{ summary: 'first' }, { summary: 'second' }] };

  test.each([
    [0, 'first'],
    [1, 'first'],
    [2, 'second'],
    [7, 'second'],
  ])('plain steps count by round: %i is the %s', async (round, summary) => {
    const { result } = await run(script, { context: { role: 'fix', round } });
    expect(result).toMatchObject({ summary });
  });

  test('a step whose `when` fits goes first', async () => {
    const steps = [{ summary: 'plain' }, { when: { message: true, resumed: true }, summary: 'told' }];
    const told = await run({ implement: steps }, { context: { message: 'go on', resumed: true } });
    expect(told.result).toMatchObject({ summary: 'told' });
    const untold = await run({ implement: steps });
    expect(untold.result).toMatchObject({ summary: 'plain' });
  });

  test('a step that is taken `once` leaves the next run to the others', async () => {
    const implement = [{ once: join(folder, 'seen'), end: 'crash' }, { summary: 'worked' }];
    expect((await run({ implement })).exitCode).toBe(1);
    expect((await run({ implement })).result).toMatchObject({ summary: 'worked' });
  });

  test.each([
    ['no script in this issue', 'Please fix it.'],
    ['is not JSON', '```script\n{ implement }\n```\n'],
    ['no step for implement', scriptBody({})],
  ])('what cannot be done is failed: %s', async (words, body) => {
    const { events, exitCode } = await runScripted({ folder, body });
    expect(events).toEqual([{ type: 'result', status: 'failed', summary: expect.stringContaining(words) }]);
    expect(exitCode).toBe(0);
  });
});

describe('reviews', () => {
  const context = { role: 'review', round: 1 };

  test('what the reviewer looks for and does not find is a finding', async () => {
    const look = [{ file: 'a.js', contains: 'docs', finding: 'no docs' }];
    const first = await run({ review: { look } }, { context });
    const found = { file: 'a.js', line: null, severity: 'major', body: 'no docs' };
    expect(first.result).toMatchObject({ verdict: 'needs-work', findings: [found] });
    await run({ implement: { write: { 'a.js': 'docs' } } });
    const second = await run({ review: { look } }, { context });
    expect(second.result).toMatchObject({ verdict: 'approved', findings: [] });
  });

  test('garbage is neither a verdict nor a crash', async () => {
    const { events, exitCode, text } = await run({ review: { end: 'garbage' } }, { context });
    expect(events).toEqual([]);
    expect(text).toContain('on the other hand');
    expect(exitCode).toBe(0);
  });

  test('a result goes by the result file or as a block of the hand-run systems', async () => {
    await run({ review: { via: 'file' } }, { context });
    const written = JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as unknown;
    expect(written).toMatchObject({ verdict: 'approved' });
    const { text } = await run({ review: { via: 'block', summary: 'fine' } }, { context });
    expect(text).toBe('REVIEW_RESULT\npr: 1\nverdict: approved\nsummary: fine');
  });
});

describe('bad ends', () => {
  test('a used-up window tells its reset', async () => {
    const before = Date.now();
    const { events, exitCode } = await run({ implement: { end: 'limited', resetMs: 5000 } });
    expect(events[0]?.['type']).toBe('limited');
    expect(Date.parse(String(events[0]?.['resetsAt']))).toBeGreaterThanOrEqual(before + 5000);
    expect(exitCode).toBe(1);
  });

  test('an exit code without a result, after work', async () => {
    const { events, exitCode } = await run({ implement: { write: { a: 'a' }, end: 'silent', exit: 9 } });
    expect({ events, exitCode }).toEqual({ events: [], exitCode: 9 });
    expect(existsSync(tree('a'))).toBe(true);
  });

  test('a hang ends by SIGTERM', async () => {
    const { exitCode, events } = await run({ implement: { say: ['waiting'], end: 'hang' } }, { signal: 'SIGTERM' });
    expect({ exitCode, events }).toEqual({ exitCode: undefined, events: [{ type: 'status', text: 'waiting' }] });
  });

  test('noise has the bytes and the line length that were asked for', async () => {
    const { text } = await run({ implement: { flood: { bytes: 200_000, lineBytes: 100 } } });
    expect(text.split('\n').filter((line) => line.length === 99)).toHaveLength(2000);
  });

  test('the worktree can be gone at the end', async () => {
    const { result } = await run({ implement: { remove: ['.'] } });
    expect(result).toMatchObject({ status: 'completed' });
    expect(existsSync(tree('.'))).toBe(false);
  });

  test('a child outlives the run, and the log knows its pid', async () => {
    const log = join(folder, 'log.jsonl');
    await run({ log, implement: { child: { ms: 60_000, escapes: true } } });
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    const told = lines.map((line) => JSON.parse(line) as { what: string; children: number[]; session: string });
    expect(told.map(({ what, session }) => ({ what, session }))).toEqual(
      ['start', 'child', 'end'].map((what) => ({ what, session: 's-1' })),
    );
    const pid = told[2]?.children[0] ?? 0;
    expect(pid).toBeGreaterThan(1);
    expect(process.kill(pid, 'SIGKILL')).toBe(true);
  });
});

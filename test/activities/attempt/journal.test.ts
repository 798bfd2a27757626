import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { attemptFiles, openJournal, readJournal, unseenRuns } from '../../../activities/attempt/journal.ts';
import { openTranscript } from '../../../activities/attempt/transcript.ts';
import type { AttemptInput } from '../../../workflows/domain/attempt.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-journal-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const input: AttemptInput = {
  version: 1,
  issue: { repo: 'demo', settings: 's', plan: 'p', batch: 'b', id: '42', key: '42' },
  role: 'implement',
  profile: 'script',
  attempt: 1,
  round: 0,
  session: { id: 'session-1', resumed: false },
  base: { branch: 'main', sha: 'a'.repeat(40), start: 'a'.repeat(40) },
  branch: 'millrace/42-x',
  head: 'a'.repeat(40),
  ask: { kind: 'implement' },
  message: null,
};
const process = { pid: 1234, started: 5, boot: 'boot' };

test('what was written is there after the process that wrote it is gone', async () => {
  const folder = join(root, 'attempt', '1');
  const journal = await openJournal(folder, input);
  await journal.update({ runs: [{ startedAt: 1, process, folder: '/tree', end: null }], crashes: 2 });
  const again = await openJournal(folder, structuredClone(input));
  expect(again.state()).toMatchObject({ session: 'session-1', crashes: 2, conclusion: null, result: null });
  expect(unseenRuns(again.state())).toEqual([{ startedAt: 1, process, folder: '/tree', end: null }]);
  expect(statSync(attemptFiles(folder).journal).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('another attempt under the same number starts afresh, and the old folder is kept beside it', async () => {
  const folder = join(root, '1');
  await (await openJournal(folder, input)).update({ crashes: 1 });
  const other = await openJournal(folder, { ...input, session: { id: 'session-2', resumed: false } });
  expect(other.state()).toMatchObject({ session: 'session-2', crashes: 0 });
  expect(readdirSync(root).filter((name) => /^1\.[0-9a-f]{8}\.old$/.test(name))).toHaveLength(1);
});

test('a journal that was cut is none', async () => {
  const path = join(root, 'journal.json');
  writeFileSync(path, '{"version":1,"runs":[');
  expect(await readJournal(path)).toBeNull();
  expect(await readJournal(join(root, 'none'))).toBeNull();
});

test('a transcript goes on where it was and says when it is full', async () => {
  const path = join(root, 'transcript.jsonl');
  const first = await openTranscript(path, 200);
  first.add('one', 'stdout');
  await first.close();
  const second = await openTranscript(path, 200);
  for (let line = 0; line < 100; line++) second.add('x'.repeat(20), 'stderr');
  await second.close();
  const { readFile } = await import('node:fs/promises');
  const lines = (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each) as { line: string });
  expect(lines[0]).toMatchObject({ stream: 'stdout', line: 'one' });
  expect(lines.at(-1)?.line).toBe('(the transcript is full)');
  expect(lines.length).toBeLessThan(8);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

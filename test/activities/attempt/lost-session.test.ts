import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { identify, isAlive } from '../../../activities/process/table.ts';
import { openSession } from '../../../activities/attempt/session.ts';
import { failureOf, groundFor, notesFolder, run, start, works, notesOf } from '../../support/attempt/attempts.ts';
import type { Ground } from '../../support/attempt/attempt-ground.ts';

interface Asked {
  /** The thread that it was to resume. */
  readonly resumed: string | null;
  readonly stdin: string;
}

/** A ground whose Codex is threads.mjs, and what its runs were asked. */
async function threads(manner: string) {
  const notes = join(await notesFolder(), 'notes');
  const ground = await groundFor('threads', [notes, manner], { agent: 'codex' });
  const asked = (): readonly Asked[] =>
    (existsSync(notes) ? readFileSync(notes, 'utf8') : '')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Asked]));
  return { ground, asked };
}

/** The attempt after one that ended, in its session. */
const next = (ground: Ground, head: string) =>
  ground.input({ attempt: 2, head, session: { id: 'session-1', resumed: true } });

const recap = 'Work on this has begun in a session that you do not have.';

describe('a session that its tool does not have any more', () => {
  test.each([
    ['elsewhere', /^it went on in thread thread-1, not in thread-0$/],
    ['unknown', /no rollout found/],
  ])('%s: a fresh one begins with a recap, and the attempt says so', async (manner, why) => {
    const { ground, asked } = await threads(manner);
    const first = await run(ground);
    expect(first).toMatchObject({ session: 'thread-0', end: { kind: 'worked', claim: 'completed' } });
    expect(first.sessionLost).toBeUndefined();
    const second = await run(ground, next(ground, first.head));
    expect(second).toMatchObject({ session: 'thread-2', end: { kind: 'worked', claim: 'completed' }, changed: true });
    expect(second.sessionLost).toMatch(why);
    expect(asked().map(({ resumed }) => resumed)).toEqual([null, 'thread-0', null]);
    expect(asked().map(({ stdin }) => stdin.includes(recap))).toEqual([false, false, true]);
    expect(await ground.kept('show', `${second.head}:greeting.txt`)).toBe('hi\nhello 0\nhello 2');
  });

  test('is not lost where its tool goes on in it, and each run is counted alone', async () => {
    const { ground, asked } = await threads('goes-on');
    const first = await run(ground);
    const second = await run(ground, next(ground, first.head));
    expect(second).toMatchObject({ session: 'thread-0', summary: 'thread 1' });
    expect(second.sessionLost).toBeUndefined();
    expect(asked().map(({ resumed }) => resumed)).toEqual([null, 'thread-0']);
    // The tool told 100 and 200 of the whole thread.
    expect([first.usage.inputTokens, second.usage.inputTokens]).toEqual([100, 100]);
  });

  test('that is lost again at once is a crash', async () => {
    const { ground, asked } = await threads('never');
    const failure = await failureOf(run(ground));
    expect(failure).toMatchObject({ type: 'AgentCrashed' });
    expect(failure.message).toMatch(/^its session was lost: .*no rollout found/);
    expect(asked()).toHaveLength(2);
  });
});

test('a session has one writer: what is left of another one is ended before an agent starts in it', async () => {
  const { ground, notes } = await works('ok');
  const folder = await notesFolder();
  const left = spawn('sleep', ['600'], { cwd: folder, detached: true, stdio: 'ignore' });
  const writer = identify(left.pid!);
  const session = await openSession(ground.repository.layout.session('session-1'), 'session-1');
  await session.update({ begun: true, writer: { process: writer, folder } });
  const attempt = start(ground, ground.input({ attempt: 7 }));
  expect(await attempt.done).toMatchObject({ end: { kind: 'worked' } });
  expect(isAlive(writer)).toBe(false);
  expect(notesOf(notes)).toHaveLength(1);
  const record = await openSession(ground.repository.layout.session('session-1'), 'session-1');
  expect(record.state().writer).toBeNull();
});

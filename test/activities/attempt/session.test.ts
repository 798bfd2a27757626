import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../../../activities/attempt/session.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-session-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => openSession(join(folder, 'ours'), 'ours');
const usage = (inputTokens: number) => ({ inputTokens, outputTokens: 0, cachedTokens: 0, costUsd: 0 });

describe('a session', () => {
  test('of a tool that takes an id begins and goes on under ours, or under the one that it told', async () => {
    const session = await open();
    expect(session.start('preset', false)).toMatchObject({ launch: { id: 'ours', resume: null }, prompt: 'fresh' });
    await session.update({ begun: true });
    expect((await open()).start('preset', true)).toMatchObject({ launch: { resume: 'ours' }, prompt: 'resumed' });
    await session.update({ own: 'told' });
    expect((await open()).start('preset', true)).toMatchObject({ launch: { id: 'ours', resume: 'told' } });
  });

  test('of a tool that chooses its id is lost when it was killed before it told it', async () => {
    const session = await open();
    await session.update({ begun: true });
    expect(session.start('caught', true)).toMatchObject({
      launch: { resume: null },
      prompt: 'recap',
      lost: expect.stringContaining('killed') as string,
    });
    await session.update({ own: 'told' });
    expect((await open()).start('caught', true)).toMatchObject({
      launch: { resume: 'told' },
      prompt: 'resumed',
      lost: null,
    });
  });

  test('that is a file is lost when the file is not there', async () => {
    const session = await open();
    await session.update({ begun: true, own: 'told' });
    expect(session.start('file', true)).toMatchObject({ launch: { resume: null }, prompt: 'recap' });
    await writeFile(join(folder, 'ours.jsonl'), '{}\n');
    expect(session.start('file', true)).toMatchObject({ launch: { resume: 'told', file: join(folder, 'ours.jsonl') } });
  });

  test('that was lost begins anew under another id and in another file, once with a recap', async () => {
    const session = await open();
    await session.update({ begun: true, own: 'told' });
    await session.lose();
    const next = (await open()).start('preset', true);
    expect(next).toMatchObject({ launch: { resume: null, file: join(folder, 'ours.1.jsonl') }, prompt: 'recap' });
    expect(next.launch.id).not.toBe('ours');
    await session.update({ begun: true });
    expect((await open()).start('preset', true)).toMatchObject({
      launch: { resume: next.launch.id },
      prompt: 'resumed',
    });
  });

  test('tells its runs apart where a tool counts the whole of it', async () => {
    const session = await open();
    expect(session.since(usage(100))).toEqual(usage(100));
    await session.credit(usage(100));
    expect((await open()).since(usage(250))).toEqual(usage(150));
    expect(session.since(usage(50))).toEqual(usage(0));
  });
});

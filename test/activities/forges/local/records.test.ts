import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRecords } from '../../../../activities/forges/local/records.ts';

const writer = fileURLToPath(new URL('../../../support/forge/write-records.ts', import.meta.url));
const anything = z.object({ n: z.number() });

describe('records', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'millrace-records-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('of twenty that create the same record one does', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, (_, n) => createRecords(root).create('a/1', { n })));
    expect(made.filter(Boolean)).toHaveLength(1);
    const kept = await createRecords(root).read('a/1', anything);
    expect(kept).toEqual({ n: made.indexOf(true) });
    expect(await readdir(join(root, 'a'))).toEqual(['1.json']);
  });

  it('a record that is not there is null, and a folder that is not there is empty', async () => {
    const records = createRecords(root);
    expect(await records.read('a/1', anything)).toBeNull();
    expect(await records.list('a')).toEqual([]);
  });

  it('a record is not created through a link that somebody left in its place', async () => {
    const records = createRecords(root);
    await records.write('a/other', { n: 1 });
    await symlink(join(root, 'elsewhere.json'), join(root, 'a', '1.json'));
    expect(await records.create('a/1', { n: 2 })).toBe(false);
    expect(await readdir(root)).toEqual(['a']);
  });

  it('what runs alone is not interrupted by another caller of the same folder', async () => {
    const counts = Array.from({ length: 20 }, () =>
      createRecords(root).alone(async () => {
        const records = createRecords(root);
        const n = (await records.read('count', anything))?.n ?? 0;
        await records.write('count', { n: n + 1 });
      }),
    );
    await Promise.all(counts);
    expect(await createRecords(root).read('count', anything)).toEqual({ n: 20 });
  });

  it.each([3, 7])('a process killed after round %i leaves whole records only', async (rounds) => {
    const child = spawn(process.execPath, ['--import', 'tsx', writer, root], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    let seen = 0;
    for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      seen += chunk.split('\n').length - 1;
      if (seen >= rounds) child.kill('SIGKILL');
    }
    await exited;
    const records = createRecords(root);
    const names = await records.list('pulls');
    expect(names.length).toBeGreaterThanOrEqual(seen * 3);
    const files = [...names.map((name) => `pulls/${name}`), 'issues/one'];
    for (const file of files) {
      const record = JSON.parse(await readFile(join(root, `${file}.json`), 'utf8')) as { text: string };
      expect(record.text).toHaveLength(200_000);
    }
  });
});

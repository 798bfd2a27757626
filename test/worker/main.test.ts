import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, inject, onTestFinished, test } from 'vitest';
import { programOfWorker } from '../../client/worker-process.ts';

const shared = inject('temporal');

test.skipIf(!shared)('a worker that cannot go on ends, and says why', async () => {
  const state = await mkdtemp(join(tmpdir(), 'millrace-worker-'));
  onTestFinished(() => rm(state, { recursive: true }));
  const { exitCode, timedOut, stdout } = await execa(process.execPath, programOfWorker('main'), {
    env: {
      MILLRACE_STATE: state,
      MILLRACE_EMBEDDED: '1',
      TEMPORAL_ADDRESS: shared!.address,
      TEMPORAL_NAMESPACE: 'nobody-made-it',
    },
    timeout: 60_000,
    reject: false,
  });
  expect({ exitCode, timedOut }).toEqual({ exitCode: 1, timedOut: false });
  expect(stdout).toContain('nobody-made-it');
});

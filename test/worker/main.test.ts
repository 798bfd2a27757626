import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, inject, onTestFinished, test } from 'vitest';
import { programOfWorker } from '../../client/session/worker-process.ts';

const shared = inject('temporal');

test.skipIf(!shared)('a worker that cannot go on ends, and says why', async () => {
  const { exitCode, timedOut, stdout } = await runWorker(await stateFolder(), 'nobody-made-it');
  expect({ exitCode, timedOut }).toEqual({ exitCode: 1, timedOut: false });
  expect(stdout).toContain('nobody-made-it');
});

test.skipIf(!shared)('a worker that cannot say that it is ready gives back what it has taken, then ends', async () => {
  const state = await stateFolder();
  const inTheWay = join(state, 'worker.json');
  await mkdir(inTheWay);
  await writeFile(join(inTheWay, 'file'), '');
  const { exitCode, timedOut, stdout } = await runWorker(state, 'default');
  expect({ exitCode, timedOut }).toEqual({ exitCode: 1, timedOut: false });
  expect(stdout).toMatch(/"because":"it cannot say that it is ready"[^]*worker\.json[^]*the worker ends/);
});

async function stateFolder(): Promise<string> {
  const state = await mkdtemp(join(tmpdir(), 'millrace-worker-'));
  onTestFinished(() => rm(state, { recursive: true }));
  return state;
}

function runWorker(state: string, namespace: string) {
  return execa(process.execPath, programOfWorker('main'), {
    env: {
      MILLRACE_STATE: state,
      MILLRACE_EMBEDDED: '1',
      TEMPORAL_ADDRESS: shared!.address,
      TEMPORAL_NAMESPACE: namespace,
    },
    timeout: 60_000,
    reject: false,
  });
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveTemporalCli } from '../../../client/temporal/executable.ts';
import { startTestServer, type TestServer } from '../temporal.ts';

/** Events after which this server asks a workflow to continue as new; by default they are 4,096. */
export const HASTE = 120;

/** A server that wants short histories, so that a batch of some dozen issues continues as new several times. */
export function startHastyServer(): Promise<TestServer> {
  return startServerWith(`limit.historyCount.suggestContinueAsNew=${HASTE}`);
}

/** Signals that a workflow of a server with few signals takes; by default they are 10,000. */
export const SIGNALS = 5;

/** A server that soon lets no workflow have another signal. */
export function startServerOfFewSignals(): Promise<TestServer> {
  return startServerWith(`history.maximumSignalsPerExecution=${SIGNALS}`);
}

async function startServerWith(value: string): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-hasty-'));
  const { path } = await resolveTemporalCli({ env: process.env, progress: () => {} });
  const wrapper = join(folder, 'temporal');
  // The flag is the server's own; only its command takes it, `--version` does not.
  const flag = `--dynamic-config-value ${value}`;
  const script = `#!/bin/sh\n[ "$1" = server ] && exec '${path}' "$@" ${flag}\nexec '${path}' "$@"\n`;
  await writeFile(wrapper, script, { mode: 0o700 });
  const server = await startTestServer({ ...process.env, MILLRACE_TEMPORAL_CLI: wrapper });
  return {
    ...server,
    async remove() {
      await server.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureServer, type EmbeddedServer } from '../../client/temporal/server.ts';

/** The dev server that all suites of a run share. */
export interface SharedServer {
  readonly address: string;
  readonly ui: string;
  readonly namespace: 'default';
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where no Temporal CLI could be had: suites that need it skip themselves, visibly. */
    temporal: SharedServer | null;
  }
}

/** A server of a suite's own, in a state folder of its own. */
export interface TestServer extends EmbeddedServer {
  readonly stateRoot: string;
  /** Ends the server and removes the folder. */
  remove(): Promise<void>;
}

/** Starts a server through the product's own resolver; progress lines go to standard error. */
export async function startTestServer(env: NodeJS.ProcessEnv = process.env): Promise<TestServer> {
  const stateRoot = await mkdtemp(join(tmpdir(), 'millrace-server-'));
  const server = await ensureServer({ stateRoot, env, progress: say }).catch(async (error: unknown) => {
    await rm(stateRoot, { recursive: true, force: true });
    throw error;
  });
  return {
    ...server,
    stateRoot,
    async remove() {
      await server.stop();
      await rm(stateRoot, { recursive: true, force: true });
    },
  };
}

/** vitest's `globalSetup`: the shared server; `inject('temporal')` in a suite. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const server = await startTestServer();
    project.provide('temporal', { address: server.address, ui: server.ui, namespace: 'default' });
    return () => server.remove();
  } catch (error) {
    if (process.env['CI'] || process.env['MILLRACE_TEMPORAL_CLI']) throw error; // a server was promised
    say(`tests that need a Temporal server are skipped: ${String(error)}`);
    project.provide('temporal', null);
    return async () => {};
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, describe, expect, inject } from 'vitest';
import { cacheRoot } from '../../../client/state/folders.ts';
import { openIssues } from '../../../worker/open-issues.ts';
import { workflowBundle, type WorkflowBundle } from '../../../worker/bundle.ts';
import type { PlanIssue } from '../../../workflows/domain/issue.ts';
import { agentsQueue, hostQueue, mainQueue } from '../../../workflows/ids.ts';
import { createMemoryActivities, type MemoryActivities, type Script } from './memory-activities.ts';
import { createWorkflowGround, type KeptHistory, type WorkflowGround } from './workflow-ground.ts';
import { startTestServer, type TestServer } from '../temporal.ts';

/** Where checked-in histories lie. */
const historiesFolder = fileURLToPath(new URL('../../histories/', import.meta.url));

/**
 * A suite with a dev server and a worker of its own: queue names are constants, so it cannot share them. After each
 * test every history that it made is replayed. Without a server the suite is skipped, visibly.
 */
export function describeWorkflows(
  name: string,
  tests: (world: Pick<WorkflowWorld, 'client' | 'ground'>) => void,
  server: () => Promise<TestServer> = () => startTestServer(),
): void {
  describe.skipIf(inject('temporal') === null)(name, { timeout: 180_000 }, () => {
    let world: WorkflowWorld;
    beforeAll(async () => {
      Runtime.install({ logger: new DefaultLogger('ERROR') });
      world = await startWorkflowWorld(await server());
    });
    afterEach(() => world.settle());
    afterAll(() => world.stop());
    tests({
      get client() {
        return world.client;
      },
      ground: (issues, script) => world.ground(issues, script),
    });
  });
}

/** A dev server and a worker of one suite, whose activities act on memory; scripts are told apart by repository. */
interface WorkflowWorld {
  readonly client: Client;
  /** A repository of its own, for one test. */
  ground(issues: readonly PlanIssue[], script?: Script): WorkflowGround;
  /** Ends what the tests left open and replays every history that they made; to be called after each test. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

async function startWorkflowWorld(server: TestServer): Promise<WorkflowWorld> {
  const connection = await NativeConnection.connect({ address: server.address });
  const client = new Client({
    connection: await Connection.connect({ address: server.address }),
    identity: 'client', // histories are checked in, and this machine's name is nobody's business
  });
  const bundle = await workflowBundle(cacheRoot(process.env));
  const memories = new Map<string, MemoryActivities>();
  const grounds: WorkflowGround[] = [];
  const workers = await Promise.all(
    [mainQueue, agentsQueue, hostQueue('memory')].map((taskQueue) =>
      Worker.create({
        connection,
        taskQueue,
        identity: 'worker',
        ...(taskQueue === mainQueue ? { workflowBundle: bundle } : {}),
        activities: byRepository(memories, client),
        maxHeartbeatThrottleInterval: '100 milliseconds', // a cancel arrives with the answer to a heartbeat
        shutdownForceTime: '5 seconds',
      }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));

  return {
    client,
    ground(issues, script) {
      const repo = `repo-${grounds.length}-${createHash('sha256').update(String(expect.getState().currentTestName)).digest('hex').slice(0, 6)}`;
      const memory = createMemoryActivities(issues, script);
      memories.set(repo, memory);
      const ground = createWorkflowGround({ client, repo, issues, memory });
      grounds.push(ground);
      return ground;
    },
    async settle() {
      for (const ground of grounds.splice(0)) {
        const kept = await ground.end();
        await replay(bundle, kept.all);
        if (process.env['MILLRACE_RECORD_HISTORIES']) await write(kept.named);
      }
    },
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
      await client.connection.close();
      await connection.close();
      await server.remove();
    },
  };
}

/** Every activity, handed to the memory of the repository that its input names; what is open is asked for in earnest. */
function byRepository(memories: ReadonlyMap<string, MemoryActivities>, client: Client) {
  const nobody = createMemoryActivities([]); // for what belongs to a host, and to no repository
  const { host, main } = nobody;
  const act = (name: string) => (input: { readonly repo?: string; readonly issue?: { readonly repo: string } }) => {
    const memory = memories.get(input.issue?.repo ?? input.repo ?? '') ?? nobody;
    const all = { ...memory.host, ...memory.main } as Record<string, (input: unknown) => Promise<unknown>>;
    return all[name]!(input);
  };
  return {
    ...Object.fromEntries(Object.keys({ ...host, ...main }).map((name) => [name, act(name)])),
    listOpenIssues: ({ repo, keys }: { readonly repo: string; readonly keys: readonly string[] }) =>
      openIssues(client, repo, keys),
  };
}

/** Replays histories; one that does not fit the workflows fails the test with the name of its workflow. */
async function replay(bundle: WorkflowBundle, histories: readonly KeptHistory[]): Promise<void> {
  const failed: string[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle: bundle }, histories)) {
    if (result.error) failed.push(`${result.workflowId}: ${result.error.message}`);
  }
  expect(failed, 'histories that do not replay').toEqual([]);
}

/** Adds histories; one that is there already stays, since it stands for the batches that run with its code. */
async function write(named: ReadonlyMap<string, KeptHistory>): Promise<void> {
  await mkdir(historiesFolder, { recursive: true });
  for (const [name, { history }] of named) {
    const compact = JSON.stringify(JSON.parse(historyToJSON(history)));
    const file = `${historiesFolder}${name.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.json`;
    await writeFile(file, `${compact}\n`, { flag: 'wx' }).catch(ignoreExisting);
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

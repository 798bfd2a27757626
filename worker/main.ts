import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { createForges } from '../activities/forges/index.ts';
import { createHostActivities, createMainActivities } from '../activities/index.ts';
import { createRepositories } from '../activities/repository/repository.ts';
import { startProgramsBy } from '../activities/process/program.ts';
import { createSlots } from '../activities/host/slots.ts';
import { buildId } from '../client/state/build.ts';
import { namedTemporal } from '../client/temporal/connect.ts';
import { openConnection } from '../client/temporal/connection.ts';
import { acquireLock } from '../client/state/lock.ts';
import { paceRoot } from '../client/state/pace.ts';
import { ownIdentity } from '../client/state/process-identity.ts';
import { writeWorkerRecord } from '../client/state/running.ts';
import { cacheRoot, stateRoot } from '../client/state/folders.ts';
import { workerLock } from '../client/session/worker-process.ts';
import { stateLayout } from '../workflows/domain/host/layout.ts';
import { workflowBundle } from './bundle.ts';
import { hostId, hostSlots } from './host.ts';
import { createLauncher } from './launcher.ts';
import { tidyUp } from './janitor.ts';
import { openIssues } from './open-issues.ts';
import { createLog, temporalLogger } from './log.ts';
import { createWorkers, runWorkers } from './workers.ts';

const log = createLog(process.env['MILLRACE_LOG_LEVEL'] ?? 'info');

await main().catch((error: unknown) => {
  log.fatal({ err: error }, 'the worker ends');
  process.exit(1); // what the SDK has started by now would keep the process alive and its supervisor waiting
});

async function main(): Promise<void> {
  const root = stateRoot(process.env);
  const layout = stateLayout(root);
  const target = namedTemporal(process.env);
  if (!target) throw new Error('no Temporal is named: start workers by millrace worker, up or start-batch');
  // One worker for a state folder: two would put two agents into one worktree. Wait for a dying one.
  const lock = await acquireLock(workerLock(root), 30_000);
  startProgramsBy(createLauncher());
  Runtime.install({ logger: temporalLogger(log) });
  const { connectionOptions, namespace, address } = target;
  const connection = await NativeConnection.connect(connectionOptions as { address: string });
  const asking = await openConnection(connectionOptions as { address: string });
  const client = new Client({ connection: asking.connection, namespace });
  const repositories = createRepositories(root);
  await tidyUp({ client, stateRoot: root, repositories, log });

  const host = await hostId(root);
  const slots = createSlots(hostSlots(process.env));
  const deps = {
    repositories,
    forgeFor: createForges({ root: paceRoot(cacheRoot(process.env)), lock: acquireLock }),
    log,
    openIssues: (repo: string, keys: readonly string[]) => openIssues(client, repo, keys),
  };
  const bundle = await workflowBundle(cacheRoot(process.env));
  const workers = await createWorkers({
    connection,
    namespace,
    bundle,
    host,
    capacity: slots.capacity,
    inflight: layout.inflight,
    main: createMainActivities(deps),
    onHost: createHostActivities({ ...deps, host, slots }),
  });
  const { stop, ended } = runWorkers(workers, (because) => log.info({ because }, 'stopping'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  try {
    await writeWorkerRecord(root, {
      ...(await ownIdentity()),
      build: await buildId(),
      address,
      namespace,
      readyAt: new Date().toISOString(),
    });
  } catch (error) {
    stop('it cannot say that it is ready');
    await ended; // they hold work by now: agents save their sessions, and nobody waits for a heartbeat to time out
    throw error;
  }
  log.info({ host, slots: slots.capacity, address, state: join(root) }, 'ready');
  const ends = await ended;
  await asking.close();
  await connection.close();
  await lock.release();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

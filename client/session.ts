import { buildId } from './build.ts';
import { connectTemporal, type Temporal } from './connect.ts';
import { runningWorker } from './record.ts';
import { presentIn } from './presence.ts';
import { stopServer } from './server.ts';
import { stateLayout } from '../workflows/domain/layout.ts';
import { stateRoot, type Environment, type Progress } from './state.ts';
import { supervise } from './supervise.ts';

/** A connection for as long as a command lasts. */
export interface Session extends Temporal {
  readonly stateRoot: string;
  /** A worker ran before this command: what it was asked for goes on without it. */
  readonly workerRan: boolean;
  /** Ends the connection, and what this command alone had brought up. */
  end(): Promise<void>;
}

interface SessionInput {
  readonly env: Environment;
  readonly progress: Progress;
  /** Ends the bring-up. */
  readonly signal?: AbortSignal;
}

/** A session in which work goes on: Temporal and a worker are there, brought up where they were not. */
export async function workingSession(input: SessionInput): Promise<Session> {
  const root = stateRoot(input.env);
  const workerRan = (await runningWorker(root)) !== null;
  if (!workerRan) input.progress(`starting a worker, and Temporal where you named none; state in ${root}`);
  const temporal = await connectTemporal({ ...input, stateRoot: root, start: true });
  try {
    const supervision = await supervise({ ...input, stateRoot: root, temporal, build: await buildId() });
    return {
      ...temporal,
      stateRoot: root,
      workerRan,
      async end() {
        await temporal.close();
        await supervision.stop();
      },
    };
  } catch (error) {
    await temporal.close();
    throw error;
  }
}

/** A session for looking: no worker is started, so nothing goes on because somebody looked. */
export async function lookingSession(input: SessionInput): Promise<Session> {
  const root = stateRoot(input.env);
  const workerRan = (await runningWorker(root)) !== null;
  const temporal = await connectTemporal({ ...input, stateRoot: root, start: true });
  return {
    ...temporal,
    stateRoot: root,
    workerRan,
    async end() {
      await temporal.close();
      // A server that was started for this look alone goes with it; one that others use by now stays.
      if (!temporal.started) return;
      const users = await presentIn(`${stateLayout(root).locks}/clients`);
      if (users.length === 0 && (await runningWorker(root)) === null) await stopServer(root);
    },
  };
}

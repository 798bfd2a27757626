import { buildId } from '../state/build.ts';
import { connectTemporal, type Temporal } from '../temporal/connect.ts';
import { runningWorker } from '../state/running.ts';
import { stateRoot, type Environment, type Progress } from '../state/folders.ts';
import { supervise } from './supervise.ts';
import { visit } from './visit.ts';

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
  const build = await buildId(); // first: where it fails, nothing is there yet that somebody would have to stop
  const workerRan = (await runningWorker(root)) !== null;
  if (!workerRan) input.progress(`starting a worker, and Temporal where you named none; state in ${root}`);
  const visiting = await visit(root); // until the supervision has said that it is there
  try {
    const temporal = await connectTemporal({ ...input, stateRoot: root, start: true });
    try {
      const supervision = await supervise({ ...input, stateRoot: root, temporal, build });
      return {
        ...temporal,
        stateRoot: root,
        workerRan,
        async end() {
          try {
            await temporal.close();
          } finally {
            await supervision.stop();
          }
        },
      };
    } catch (error) {
      if (temporal.started) await visiting.startedServer();
      await temporal.close().catch(() => {}); // why there is no session is the better word
      throw error;
    }
  } finally {
    await visiting.leave().catch(() => {}); // a note that stays goes with this process; the supervision must be handed on
  }
}

/** A session for looking: no worker is started, so nothing goes on because somebody looked. */
export async function lookingSession(input: SessionInput): Promise<Session> {
  const root = stateRoot(input.env);
  const workerRan = (await runningWorker(root)) !== null;
  const visiting = await visit(root);
  try {
    const temporal = await connectTemporal({ ...input, stateRoot: root, start: true });
    if (temporal.started) await visiting.startedServer();
    return {
      ...temporal,
      stateRoot: root,
      workerRan,
      async end() {
        try {
          await temporal.close();
        } finally {
          await visiting.leave();
        }
      },
    };
  } catch (error) {
    await visiting.leave();
    throw error;
  }
}

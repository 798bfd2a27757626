import { buildId } from '../state/build.ts';
import { connectTemporal, type Temporal } from '../temporal/connect.ts';
import { runningWorker } from '../state/running.ts';
import { stateRoot, type Environment, type Progress } from '../state/folders.ts';
import { supervise, type Supervision } from './supervise.ts';
import { visit } from './visit.ts';

/** A connection for as long as a command lasts. */
export interface Session extends Temporal {
  readonly stateRoot: string;
  /** A worker ran before this command, so the work goes on after the command ends. */
  readonly workerRan: boolean;
  /**
   * Makes sure that a worker runs, and starts one if none does. A second call does nothing.
   * @throws WorkerUnavailable, TemporalUnavailable, the signal's reason.
   */
  startWork(): Promise<void>;
  /** Pids of other clients that keep server and worker running; while one of those lives, both outlive this session. */
  otherKeepers(): Promise<readonly number[]>;
  /** Closes the connection and ends what only this command brought up. */
  end(): Promise<void>;
}

interface SessionInput {
  readonly env: Environment;
  readonly progress: Progress;
  /** Aborts the start. */
  readonly signal?: AbortSignal;
}

/**
 * A session that only looks: it starts Temporal where the user named none and none runs, and it starts no worker. So a
 * look sets nothing going, and a command can refuse before it brings anything else up.
 */
export async function lookingSession(input: SessionInput): Promise<Session> {
  const root = stateRoot(input.env);
  const workerRan = (await runningWorker(root)) !== null;
  const visiting = await visit(root); // before we connect, so that nobody stops the server while we use it
  let temporal: Temporal | null = null;
  try {
    temporal = await connectTemporal({ ...input, stateRoot: root, start: true });
    if (temporal.started) await visiting.startedServer();
  } catch (error) {
    await temporal?.close();
    await visiting.leave();
    throw error;
  }
  const { close } = temporal;
  let supervision: Supervision | null = null;
  return {
    ...temporal,
    stateRoot: root,
    workerRan,
    async startWork() {
      if (supervision) return;
      const build = await buildId();
      if (!workerRan) input.progress(`starting a worker; state in ${root}`);
      supervision = await supervise({ ...input, stateRoot: root, temporal, build });
      await visiting.handOver();
    },
    otherKeepers: async () => supervision?.otherKeepers() ?? [],
    async end() {
      try {
        await close();
      } finally {
        await (supervision ?? { stop: () => visiting.leave() }).stop();
      }
    },
  };
}

/** A session that does work: Temporal and a worker run, started where they did not. */
export async function workingSession(input: SessionInput): Promise<Session> {
  const session = await lookingSession(input);
  try {
    await session.startWork();
    return session;
  } catch (error) {
    await session.end().catch(() => {}); // the first error says why there is no session
    throw error;
  }
}

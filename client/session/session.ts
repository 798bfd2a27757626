import { buildId } from '../state/build.ts';
import { connectTemporal, type Temporal } from '../temporal/connect.ts';
import { runningWorker } from '../state/running.ts';
import { stateRoot, type Environment, type Progress } from '../state/folders.ts';
import { supervise, type Supervision } from './supervise.ts';
import { visit } from './visit.ts';

/** A connection for as long as a command lasts. */
export interface Session extends Temporal {
  readonly stateRoot: string;
  /** A worker ran before this command: what it was asked for goes on without it. */
  readonly workerRan: boolean;
  /**
   * From here on work goes on: a worker is there, started where none ran. A second call does nothing.
   * @throws WorkerUnavailable, TemporalUnavailable, the signal's reason.
   */
  startWork(): Promise<void>;
  /** Pids of other clients that keep server and worker running: while one of them lives, both outlive this session. */
  otherKeepers(): Promise<readonly number[]>;
  /** Ends the connection, and what this command alone had brought up. */
  end(): Promise<void>;
}

interface SessionInput {
  readonly env: Environment;
  readonly progress: Progress;
  /** Ends the bring-up. */
  readonly signal?: AbortSignal;
}

/**
 * A session for looking: Temporal is there, started where you named none and none runs, and no worker is started. So
 * nothing goes on because somebody looked, and what is refused is refused before anything else is brought up.
 */
export async function lookingSession(input: SessionInput): Promise<Session> {
  const root = stateRoot(input.env);
  const workerRan = (await runningWorker(root)) !== null;
  const visiting = await visit(root); // before we connect, so that nobody stops the server under us
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

/** A session in which work goes on from the start: Temporal and a worker are there, brought up where they were not. */
export async function workingSession(input: SessionInput): Promise<Session> {
  const session = await lookingSession(input);
  try {
    await session.startWork();
    return session;
  } catch (error) {
    await session.end().catch(() => {}); // why there is no session is the better word
    throw error;
  }
}

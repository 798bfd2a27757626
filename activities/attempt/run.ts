import { rm } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import type { Usage } from '../../workflows/domain/attempt.ts';
import type { AgentAdapter, Conclusion, LaunchSpec } from '../agents/agent.ts';
import { programEnvironment } from '../process/environment.ts';
import type { AttemptFiles } from './journal.ts';
import { createMeter, type MeterSpec } from './meter.ts';
import type { ProcessId } from '../process/table.ts';
import { runProcess, type ProcessResult } from '../process/process.ts';
import { readResultFile } from './result-file.ts';
import { createScrubber } from '../text/scrubber.ts';
import { openTranscript } from './transcript.ts';

export interface AgentRunSpec extends Omit<MeterSpec, 'turns'> {
  readonly adapter: AgentAdapter;
  readonly launch: LaunchSpec;
  readonly cwd: string;
  readonly files: AttemptFiles;
  readonly signal: AbortSignal;
  readonly onStart: (id: ProcessId) => Promise<void>;
}

export interface AgentRun {
  readonly conclusion: Conclusion;
  readonly usage: Usage;
  /** The id that the agent told for its session; null: none. */
  readonly session: string | null;
  readonly durationMs: number;
  /** How the process ended, in words for the journal. */
  readonly end: string;
  /** Processes that could not be ended. */
  readonly survivors: readonly number[];
}

/** With a cancel that takes up to 5 s to arrive, the agent and its children are gone within 10 s. */
const GRACE_MS = 4_000;

/** Runs an agent once, from its command to its conclusion; its output goes to the transcript, scrubbed of secrets. */
export async function runAgentOnce(spec: AgentRunSpec): Promise<AgentRun> {
  const { adapter, launch, files } = spec;
  const { profile, session } = launch;
  const { argv, env, stdin, policy } = adapter.launch(launch);
  const scrub = createScrubber(process.env, profile.env);
  const parser = adapter.parser({ role: launch.role, resume: session.resume });
  const meter = createMeter({ ...spec, turns: profile.limits.turns });
  await rm(files.result, { force: true }); // a killed run's claim is not this one's
  if (policy !== undefined) await writeFileAtomic(files.policy, policy, { mode: 0o600, fsync: false });
  const transcript = await openTranscript(files.transcript);
  let ended: ProcessResult;
  try {
    ended = await runProcess({
      argv,
      cwd: spec.cwd,
      env: { ...programEnvironment(profile.env), ...env },
      stdin,
      wallMs: profile.limits.wallMs,
      idleMs: profile.limits.idleMs,
      graceMs: adapter.capabilities.gracefulTerm ? GRACE_MS : 0,
      signal: AbortSignal.any([spec.signal, meter.signal]),
      onStart: spec.onStart,
      onLine(line, stream) {
        const clean = scrub(line);
        transcript.add(clean, stream);
        if (stream === 'stdout') for (const event of parser.line(clean)) meter.take(event);
      },
      onBytes(chunk) {
        meter.count(chunk.length);
        return transcript.flush();
      },
    });
  } finally {
    await transcript.close();
  }
  const resultFile = await readResultFile(files.result);
  const byMeter = ended.end.kind === 'cancelled' && !spec.signal.aborted ? meter.stopped() : null;
  const conclusion = parser.end({
    end: byMeter === null ? ended.end : { kind: 'timed-out', limit: 'wall' },
    stderr: scrub(ended.stderr),
    resultFile: resultFile === null ? null : scrub(resultFile),
    at: Date.now(),
  });
  return {
    conclusion: byMeter === null ? conclusion : meter.conclude(conclusion),
    usage: meter.usage(),
    session: meter.session(),
    durationMs: ended.durationMs,
    end: byMeter ?? JSON.stringify(ended.end),
    survivors: ended.survivors,
  };
}

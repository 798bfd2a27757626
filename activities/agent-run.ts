import { rm } from 'node:fs/promises';
import { addUsage, noUsage, type Usage } from '../workflows/domain/attempt.ts';
import type { AgentAdapter, AgentEvent, Conclusion, LaunchSpec } from './agents/agent.ts';
import { programEnvironment } from './environment.ts';
import type { AttemptFiles } from './journal.ts';
import type { ProcessId } from './process-table.ts';
import { runProcess, type ProcessResult } from './process.ts';
import { readResultFile } from './result-file.ts';
import { createScrubber } from './secrets.ts';
import { openTranscript } from './transcript.ts';

export interface AgentRunSpec {
  readonly adapter: AgentAdapter;
  readonly launch: LaunchSpec;
  readonly cwd: string;
  readonly files: AttemptFiles;
  /** Used by earlier runs of this attempt: the cost limit is one of the attempt. */
  readonly spent: Usage;
  readonly signal: AbortSignal;
  readonly onStart: (id: ProcessId) => Promise<void>;
  readonly onProgress: (progress: AgentProgress) => void;
}

interface AgentProgress {
  readonly lastLine?: string;
  readonly bytes?: number;
  /** Of this run alone. */
  readonly usage?: Usage;
  readonly session?: string;
}

export interface AgentRun {
  readonly conclusion: Conclusion;
  readonly usage: Usage;
  /** The session that the agent used. */
  readonly session: string;
  readonly durationMs: number;
  /** How the process ended, in words for the journal. */
  readonly end: string;
  /** Processes that could not be ended. */
  readonly survivors: readonly number[];
}

/** With a cancel that takes up to 5 s to arrive, the agent and its children are gone within 10 s. */
const GRACE_MS = 4_000;

type Limit = 'cost' | 'turns' | 'hopeless';

/** Runs an agent once, from its command to its conclusion; its output goes to the transcript, scrubbed of secrets. */
export async function runAgentOnce(spec: AgentRunSpec): Promise<AgentRun> {
  const { adapter, launch, files } = spec;
  const { profile } = launch;
  const { argv, env, stdin } = adapter.launch(launch);
  const scrub = createScrubber(process.env, profile.env);
  const parser = adapter.parser({ role: launch.role, resume: launch.session.resume });
  const meter = createMeter(spec);
  await rm(files.result, { force: true }); // a killed run's claim is not this one's
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
  const limit = ended.end.kind === 'cancelled' && !spec.signal.aborted ? meter.limit() : null;
  const conclusion = parser.end({
    end: limit === null ? ended.end : { kind: 'timed-out', limit: 'wall' },
    stderr: scrub(ended.stderr),
    resultFile: resultFile === null ? null : scrub(resultFile),
    at: Date.now(),
  });
  return {
    conclusion:
      limit === null || limit === 'hopeless' || conclusion.kind !== 'stopped' ? conclusion : { kind: 'stopped', limit },
    usage: meter.usage(),
    session: meter.session(),
    durationMs: ended.durationMs,
    end: limit ?? JSON.stringify(ended.end),
    survivors: ended.survivors,
  };
}

/** Adds up what a run uses, and stops it at the profile's limits. */
function createMeter({ launch, spent, onProgress }: AgentRunSpec) {
  const { costUsd, turns: mostTurns } = launch.profile.limits;
  const stop = new AbortController();
  let limit: Limit | null = null;
  let usage = noUsage;
  let session = launch.session.id;
  let turns = 0;
  let bytes = 0;
  const reached = (which: Limit): void => {
    limit ??= which;
    stop.abort();
  };
  return {
    signal: stop.signal,
    limit: () => limit,
    usage: () => usage,
    session: () => session,
    count(length: number): void {
      bytes += length;
      onProgress({ bytes });
    },
    take(event: AgentEvent): void {
      switch (event.kind) {
        case 'session':
          session = event.id;
          onProgress({ session });
          break;
        case 'text':
          onProgress({ lastLine: event.text });
          break;
        case 'turn':
          if (mostTurns !== null && ++turns > mostTurns) reached('turns');
          break;
        case 'usage':
          usage = { ...event.usage, costUsd: event.usage.costUsd ?? 0 };
          onProgress({ usage });
          if (costUsd !== null && spent.costUsd + usage.costUsd > costUsd) reached('cost');
          break;
        case 'hopeless':
          reached('hopeless');
          break;
      }
    },
  };
}

import { rm } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { addUsage } from '../../workflows/domain/attempt.ts';
import type { LaunchSpec } from '../agents/agent.ts';
import { openPlain } from '../host/plain-file.ts';
import { endWords } from '../process/end-words.ts';
import { programEnvironment } from '../process/environment.ts';
import { runProcess, type ProcessResult } from '../process/process.ts';
import { createScrubber } from '../text/scrubber.ts';
import { createMeter, type AgentProgress } from './meter.ts';
import type { SessionRun } from './running-attempt.ts';
import { noteStart, type AgentRun } from './runs.ts';
import { openTranscript } from './transcript.ts';

/** With a cancel that takes up to 5 s to arrive, the agent and its children are gone within 10 s. */
const GRACE_MS = 4_000;

/** Largest result file; bytes. */
const LONGEST_RESULT = 256 * 1024;

/** Runs an agent once, from its command to its conclusion; its output goes to the transcript, scrubbed of secrets. */
export async function runOnce(run: SessionRun, launch: LaunchSpec): Promise<AgentRun> {
  const { adapter, profile, cwd, pulse, journal, session } = run;
  const { files } = journal;
  pulse.send({ phase: 'running' });
  const { argv, env, stdin, policy } = adapter.launch(launch);
  const scrub = createScrubber(process.env, profile.env);
  const parser = adapter.parser({ role: launch.role, resume: launch.session.resume });
  const meter = createMeter(run, progressOf(run));
  await rm(files.result, { force: true }); // a killed run may have left its claim there
  if (policy !== undefined) await writeFileAtomic(files.policy, policy, { mode: 0o600, fsync: false });
  const transcript = await openTranscript(files.transcript);
  let ended: ProcessResult;
  try {
    ended = await runProcess({
      argv,
      cwd,
      env: { ...programEnvironment(profile.env), ...env },
      stdin,
      wallMs: profile.limits.wallMs,
      idleMs: profile.limits.idleMs,
      graceMs: adapter.capabilities.gracefulTerm ? GRACE_MS : 0,
      signal: AbortSignal.any([pulse.signal, meter.signal]),
      onStart: async (id) => {
        const writer = { process: id, folder: cwd };
        await Promise.all([noteStart(journal, writer), session.update({ begun: true, writer })]);
      },
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
  const byMeter = ended.end.kind === 'cancelled' && !pulse.signal.aborted ? meter.stopped() : null;
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
    end: byMeter ?? endWords(ended.end),
    survivors: ended.survivors,
  };
}

/** Puts what a run reports into the heartbeat, added to what earlier runs of the attempt used. */
function progressOf(run: SessionRun): (progress: AgentProgress) => void {
  const spent = run.journal.state().usage;
  return ({ usage, ...progress }) => {
    run.pulse.set({ ...progress, ...(usage ? { usage: addUsage(spent, usage) } : {}) });
    if (progress.session !== undefined) keepOwnId(run, progress.session);
  };
}

/** The agent's own id is on disk as soon as it is known: a kill after it finds the session again. */
function keepOwnId({ deps, input, session }: SessionRun, own: string): void {
  if (session.state().own === own) return;
  session.update({ own }).catch((error: unknown) => {
    deps.log.warn({ issue: input.issue.id, error }, 'the id of the session could not be kept');
  });
}

/** Text of the file that the agent wrote its result into; null: there is none, or it cannot be a result. */
async function readResultFile(path: string): Promise<string | null> {
  const file = await openPlain(path);
  if (!file) return null;
  try {
    return (await file.stat()).size <= LONGEST_RESULT ? await file.readFile('utf8') : null;
  } finally {
    await file.close();
  }
}

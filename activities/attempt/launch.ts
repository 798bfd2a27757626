import { randomBytes } from 'node:crypto';
import writeFileAtomic from 'write-file-atomic';
import { dollarsLeft, spendingWarning } from '../../workflows/domain/batch/budget.ts';
import { isReading, type Role } from '../../workflows/domain/settings.ts';
import type { AgentAdapter, LaunchSpec } from '../agents/agent.ts';
import { verdictSchema } from '../agents/reading/verdict-schema.ts';
import { contextOf, loadAssignment } from './assignment.ts';
import { promptOf } from './prompt.ts';
import type { RunningAttempt, SessionRun } from './running-attempt.ts';
import type { SessionStart } from './session.ts';

/** Writes the prompt and the context into the attempt's folder, and says how the agent is to be started. */
export async function prepareLaunch(run: SessionRun, start: SessionStart): Promise<LaunchSpec> {
  const { adapter, profile, repository, input, journal, spending } = run;
  if (start.lost !== null) await journal.update({ sessionLost: start.lost });
  const assignment = await loadAssignment(repository, input, {
    session: promptFor(run, start),
    spending: spendingWarning(spending.allowances()),
    answer: answerOf(adapter, input.role),
  });
  const schema = assignment.answer === 'schema' ? verdictSchema : null;
  const prompt = promptOf(assignment, randomBytes(6).toString('hex'));
  const { files } = journal;
  const options = { mode: 0o600, fsync: false }; // after a power cut the next run writes them again
  await Promise.all([
    writeFileAtomic(files.prompt, prompt, options),
    writeFileAtomic(files.context, JSON.stringify(contextOf(assignment), null, 2), options),
    ...(schema === null ? [] : [writeFileAtomic(files.schema, schema, options)]),
    journal.update({ begun: true }),
  ]);
  const { issue, role, round, attempt } = input;
  return {
    profile,
    role,
    issue: issue.id,
    batch: issue.batch,
    round,
    attempt,
    session: start.launch,
    prompt,
    files: { ...files, schema: schema === null ? null : files.schema },
    schema,
    costUsd: dollarsLeft(spending.allowances()),
  };
}

/** An agent that begins where another one has worked must look around first. */
function promptFor({ input }: RunningAttempt, start: SessionStart): SessionStart['prompt'] {
  if (start.prompt !== 'fresh' || isReading(input.role)) return start.prompt;
  return input.head === input.base.start ? 'fresh' : 'recap';
}

function answerOf({ kind, capabilities }: AgentAdapter, role: Role): 'lines' | 'message' | 'schema' {
  if (kind === 'command') return 'lines';
  return capabilities.schema && role === 'review' ? 'schema' : 'message';
}

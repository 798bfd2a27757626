import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import {
  noUsage,
  type AttemptHeartbeat,
  type ChecksDocument,
  type ChecksInput,
  type ChecksResult,
} from '../workflows/domain/attempt.ts';
import type { Pulse } from './attempt/pulse.ts';
import { withHeartbeat } from './heartbeat.ts';
import { checked } from './git/names.ts';
import type { Repositories, Repository } from './repository/repository.ts';
import { runRepositoryCommand } from './process/command.ts';
import { vacate } from './worktree/vacate.ts';
import { openWorkArea } from './worktree/work-area.ts';

/** What checks need from the worker that runs them. */
export interface ChecksDeps {
  readonly repositories: Repositories;
  readonly host: string;
  readonly log: Pick<Logger, 'warn'>;
}

/** Activities in which the repository's own commands judge the work; a failing check is data, not a failure. */
export function createChecksActivities(deps: ChecksDeps) {
  return {
    runChecks: async (input: ChecksInput): Promise<ChecksResult> => {
      const { workflowExecution } = Context.current().info;
      const first: AttemptHeartbeat = {
        host: deps.host,
        session: workflowExecution?.runId ?? '',
        phase: 'preparing',
        lastLine: '',
        bytes: 0,
        usage: noUsage,
      };
      return withHeartbeat(first, async (pulse) => {
        const repository = await deps.repositories.open(input.issue);
        const key = checked('key', input.issue.key);
        await vacate(repository.layout.worktree(key)); // checks of a killed worker
        const area = await openWorkArea(repository, deps.log);
        const cwd = await area.ensureWorktree(input, pulse.signal);
        return check(repository, { head: input.head, cwd }, pulse);
      });
    },
  };
}

/** Runs all checks, also after one has failed, so that the agent is told everything at once. What they change stays. */
async function check(
  repository: Repository,
  work: { readonly head: string; readonly cwd: string },
  pulse: Pulse,
): Promise<ChecksResult> {
  const checks: ChecksDocument['checks'][number][] = [];
  for (const { name, run, timeoutMs } of repository.settings.checks) {
    pulse.send({ phase: 'checking', lastLine: name });
    const done = await runRepositoryCommand({
      command: run,
      cwd: work.cwd,
      timeoutMs,
      signal: pulse.signal,
      onLine: (line) => pulse.set({ lastLine: `${name}: ${line}` }),
    });
    if (done.end.kind === 'cancelled') throw pulse.signal.reason;
    const { passed, exitCode, durationMs, output } = done;
    checks.push({ name, passed, exitCode, durationMs, output });
  }
  const document: ChecksDocument = { version: 1, head: work.head, checks };
  return {
    passed: checks.every((each) => each.passed),
    checks: checks.map(({ name, passed, durationMs }) => ({ name, passed, durationMs })),
    document: await repository.artifacts.put(document),
  };
}

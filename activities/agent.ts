import { Context } from '@temporalio/activity';
import { noUsage, type AttemptHeartbeat, type AttemptInput, type AttemptResult } from '../workflows/domain/attempt.ts';
import { createAttempts } from './attempt/attempt.ts';
import type { AgentDeps } from './attempt/running-attempt.ts';
import { withHeartbeat } from './heartbeat.ts';

/** Activities in which an agent works. A retry resumes what a killed worker began, and repeats nothing that had ended. */
export function createAgentActivities(deps: AgentDeps) {
  const attempts = createAttempts(deps);
  return {
    runAgent: (input: AttemptInput): Promise<AttemptResult> => {
      const before = Context.current().info.heartbeatDetails as AttemptHeartbeat | undefined;
      const known = before?.session === input.session.id ? before : null;
      const first: AttemptHeartbeat = {
        host: deps.host,
        session: input.session.id,
        phase: 'waiting-for-slot',
        lastLine: '',
        bytes: 0,
        usage: known?.usage ?? noUsage,
      };
      return withHeartbeat(first, (pulse) => attempts.run(input, pulse));
    },
  };
}

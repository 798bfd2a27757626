import { Context } from '@temporalio/activity';
import { noUsage, type AttemptHeartbeat, type AttemptInput, type AttemptResult } from '../workflows/domain/attempt.ts';
import { runAttempt } from './attempt/attempt.ts';
import { openJournal } from './attempt/journal.ts';
import { openLedger, type Ledger } from './attempt/ledger.ts';
import type { AgentDeps } from './attempt/running-attempt.ts';
import { checked } from './git/names.ts';
import { withHeartbeat } from './heartbeat.ts';
import { inOrder } from './host/in-order.ts';
import type { Repository } from './repository/repository.ts';

/** The step in which an agent works: on a retry it resumes what a killed worker began, and repeats nothing that ended. */
export function createAgentActivities(deps: AgentDeps) {
  const ledgers = new Map<string, Promise<Ledger>>();
  const ledgerOf = ({ layout }: Repository): Promise<Ledger> => {
    const ledger = ledgers.get(layout.ledger) ?? openLedger(layout.ledger);
    ledgers.set(layout.ledger, ledger);
    ledger.catch(() => ledgers.delete(layout.ledger)); // the next attempt may be able to read it
    return ledger;
  };
  return {
    runAgent: async (input: AttemptInput): Promise<AttemptResult> => {
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
      return withHeartbeat(first, async (pulse) => {
        const repository = await deps.repositories.open(input.issue);
        const folder = repository.layout.attempt(checked('key', input.issue.key), input.attempt);
        // A run that a frozen worker still holds is told to stop when it wakes: the retry waits for its end.
        return inOrder(`attempt ${folder}`, async () => {
          const journal = await openJournal(folder, input);
          const ledger = await ledgerOf(repository);
          return runAttempt({ deps, repository, input, journal, pulse, ledger });
        });
      });
    },
  };
}

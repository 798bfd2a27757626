import type { Logger } from 'pino';
import type { AttemptInput } from '../../workflows/domain/attempt.ts';
import type { Profile } from '../../workflows/domain/settings.ts';
import type { AgentAdapter } from '../agents/agent.ts';
import type { Slots } from '../host/slots.ts';
import type { Repositories, Repository } from '../repository/repository.ts';
import type { AttemptJournal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { Pulse } from './pulse.ts';
import type { KeptSession } from './session.ts';
import type { Spending } from './spending.ts';

/** What attempts need from the worker that runs them. */
export interface AgentDeps {
  readonly repositories: Repositories;
  readonly slots: Slots;
  /** Id of this host, stable over restarts. */
  readonly host: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** One attempt, as the activity that runs it holds it. */
export interface RunningAttempt {
  readonly deps: AgentDeps;
  readonly repository: Repository;
  readonly input: AttemptInput;
  readonly journal: AttemptJournal;
  readonly pulse: Pulse;
  readonly ledger: Ledger;
}

/** The same, with what all runs of its agent share: one session, one account, one folder. */
export interface SessionRun extends RunningAttempt {
  readonly profile: Profile;
  readonly adapter: AgentAdapter;
  readonly session: KeptSession;
  readonly spending: Spending;
  /** The worktree that the agent works in. */
  readonly cwd: string;
}

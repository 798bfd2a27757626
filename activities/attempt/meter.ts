import { noUsage, type Usage } from '../../workflows/domain/attempt.ts';
import { spentBudget, type SpentBudget } from '../../workflows/domain/batch/budget.ts';
import type { AgentEvent, Conclusion } from '../agents/agent.ts';
import type { SessionRun } from './running-attempt.ts';
import { pricedBy, priceOf } from './spending.ts';

/** What a running agent reports of itself. */
export interface AgentProgress {
  readonly lastLine?: string;
  readonly bytes?: number;
  /** Used by this run alone. */
  readonly usage?: Usage;
  readonly session?: string;
}

/** Why the meter ended a run. */
type Stopped =
  | { readonly kind: 'budget'; readonly budget: SpentBudget }
  | { readonly kind: 'turns' }
  | { readonly kind: 'hopeless' };

/** Adds up what a run uses, and stops it at the first limit that is reached. */
export function createMeter(run: SessionRun, onProgress: (progress: AgentProgress) => void) {
  const { profile, repository, session: kept, spending } = run;
  const priced = pricedBy(priceOf(repository.settings, profile));
  const { turns: mostTurns } = profile.limits;
  const stop = new AbortController();
  let stopped: Stopped | null = null;
  let usage = noUsage;
  let session: string | null = null;
  let turns = 0;
  let bytes = 0;
  const reached = (by: Stopped): void => {
    stopped ??= by;
    stop.abort();
  };
  return {
    signal: stop.signal,
    usage: () => usage,
    /** The id that the agent told; null: it told none. */
    session: () => session,
    /** The conclusion of a run that the meter stopped, unless the run had ended by itself by then. */
    conclude(conclusion: Conclusion): Conclusion {
      if (stopped === null || stopped.kind === 'hopeless' || conclusion.kind !== 'stopped') return conclusion;
      if (stopped.kind === 'turns') return { kind: 'stopped', limit: 'turns' };
      return { kind: 'stopped', limit: stopped.budget.what, budget: stopped.budget };
    },
    stopped: () => stopped?.kind ?? null,
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
          if (mostTurns !== null && ++turns > mostTurns) reached({ kind: 'turns' });
          break;
        case 'usage': {
          const total = priced(event.usage);
          // Some tools count over a whole session: only this run's part is taken.
          usage = event.of === 'session' ? kept.since(total) : total;
          spending.note(usage);
          onProgress({ usage });
          const budget = spentBudget(spending.allowances());
          if (budget) reached({ kind: 'budget', budget });
          break;
        }
        case 'hopeless':
          reached({ kind: 'hopeless' });
          break;
      }
    },
  };
}

import { noUsage, type Usage } from '../../workflows/domain/attempt.ts';
import { spentBudget, type SpentBudget } from '../../workflows/domain/batch/budget.ts';
import type { AgentEvent, Conclusion, ReportedUsage } from '../agents/agent.ts';
import type { Spending } from './spending.ts';

/** What a running agent tells of itself. */
export interface AgentProgress {
  readonly lastLine?: string;
  readonly bytes?: number;
  /** Of this run alone. */
  readonly usage?: Usage;
  readonly session?: string;
}

export interface MeterSpec {
  readonly turns: number | null;
  readonly spending: Spending;
  readonly priced: (usage: ReportedUsage) => Usage;
  /** This run's part of what a tool counts over a whole session. */
  readonly since: (total: Usage) => Usage;
  readonly onProgress: (progress: AgentProgress) => void;
}

/** Why the meter ended a run. */
type Stopped =
  | { readonly kind: 'budget'; readonly budget: SpentBudget }
  | { readonly kind: 'turns' }
  | { readonly kind: 'hopeless' };

/** Adds up what a run uses, and stops it at the first limit that is reached. */
export function createMeter({ turns: mostTurns, spending, priced, since, onProgress }: MeterSpec) {
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
    /** The id that the agent told; null: none. */
    session: () => session,
    /** What the meter makes of a run that it stopped, unless it had come to its own end by then. */
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
          usage = event.of === 'session' ? since(total) : total;
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

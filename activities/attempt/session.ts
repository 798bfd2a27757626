import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { addUsage, noUsage, type Usage } from '../../workflows/domain/attempt.ts';
import type { AgentCapabilities, LaunchSession } from '../agents/agent.ts';
import type { ProcessId } from '../process/table.ts';
import { ifMissing } from '../host/missing.ts';

/** What this host knows of a session, on disk before the agent can be killed. */
interface SessionRecord {
  readonly version: 1;
  /** For tools that take an id from us: the workflow's, or a new one after a loss. */
  readonly id: string;
  /** The id that the agent itself uses; null: it has not told. */
  readonly own: string | null;
  /** An agent has been started in it. */
  readonly begun: boolean;
  /** How often it was lost, and a new one begun. */
  readonly losses: number;
  /** Used by all its runs so far. A tool's own total over the session is compared with it. */
  readonly usage: Usage;
  /** Who writes to it, as a lock: four of five tools let two writers in. Null: nobody does. */
  readonly writer: { readonly process: ProcessId; readonly folder: string } | null;
}

/** How the next run begins, and what its prompt must say. */
export interface SessionStart {
  readonly launch: LaunchSession;
  /** `recap`: work was done in a session that the agent does not have. */
  readonly prompt: 'fresh' | 'resumed' | 'recap';
  /** Why a session that should go on cannot; null: it can, or none had begun. */
  readonly lost: string | null;
}

/** One session of an agent, under the id that the workflow gave it. */
export interface KeptSession {
  state(): SessionRecord;
  update(change: Partial<SessionRecord>): Promise<void>;
  /** `wanted`: the session has begun, so it should go on. */
  start(kind: AgentCapabilities['session'], wanted: boolean): SessionStart;
  /** This run's part of the tool's total for the session: without what earlier runs were credited with. */
  since(total: Usage): Usage;
  credit(usage: Usage): Promise<void>;
  /** Gives the session up: the next start begins another one. */
  lose(): Promise<void>;
}

const unknown = { version: 1, own: null, begun: false, losses: 0, usage: noUsage, writer: null } as const;

/** Opens the record of a session. `place`: its path without an ending; `id`: what the workflow calls it. */
export async function openSession(place: string, id: string): Promise<KeptSession> {
  const path = `${place}.json`;
  let state: SessionRecord = (await read(path)) ?? { ...unknown, id };
  const update = async (change: Partial<SessionRecord>): Promise<void> => {
    state = { ...state, ...change };
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFileAtomic(path, JSON.stringify(state), { mode: 0o600, fsync: false });
  };
  return {
    state: () => state,
    update,
    start(kind, wanted) {
      const file = state.losses === 0 ? `${place}.jsonl` : `${place}.${state.losses}.jsonl`;
      const launch = { id: state.id, file };
      const fresh = (lost: string | null): SessionStart => ({
        launch: { ...launch, resume: null },
        prompt: lost === null && state.losses === 0 ? 'fresh' : 'recap',
        lost,
      });
      if (!wanted || (state.losses > 0 && !state.begun)) return fresh(null);
      switch (kind) {
        case 'preset':
          return { launch: { ...launch, resume: state.own ?? state.id }, prompt: 'resumed', lost: null };
        case 'file':
          if (!existsSync(file)) return fresh('the agent was killed before it had kept its session');
          return { launch: { ...launch, resume: state.own }, prompt: 'resumed', lost: null };
        case 'caught':
          if (state.own === null) return fresh('the agent was killed before it had told the id of its session');
          return { launch: { ...launch, resume: state.own }, prompt: 'resumed', lost: null };
      }
    },
    since: (total) => ({
      inputTokens: Math.max(0, total.inputTokens - state.usage.inputTokens),
      outputTokens: Math.max(0, total.outputTokens - state.usage.outputTokens),
      cachedTokens: Math.max(0, total.cachedTokens - state.usage.cachedTokens),
      costUsd: Math.max(0, total.costUsd - state.usage.costUsd),
    }),
    credit: (usage) => update({ usage: addUsage(state.usage, usage), writer: null }),
    lose: () => update({ ...unknown, id: randomUUID(), losses: state.losses + 1 }),
  };
}

async function read(path: string): Promise<SessionRecord | null> {
  const text = await readFile(path, 'utf8').catch(ifMissing(null));
  if (text === null) return null;
  try {
    const record = JSON.parse(text) as SessionRecord;
    return record.version === 1 ? record : null;
  } catch {
    return null;
  }
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AgentEvent, AgentExit, Conclusion, ReportedUsage } from '../../../activities/agents/agent.ts';
import { agents } from '../../../activities/agents/index.ts';
import { createLineSplitter } from '../../../activities/process/lines.ts';
import type { ProcessEnd } from '../../../activities/process/process.ts';
import type { AgentKind } from '../../../workflows/domain/agent-facts.ts';

/** A run of a real agent, and what its adapter has to make of it. */
export interface Capture {
  readonly file: string;
  readonly agent: AgentKind;
  readonly exit: { readonly code: number | null; readonly signal: string | null };
  readonly sentSignal?: string;
  readonly expect: {
    readonly outcome: string;
    readonly reason?: string;
    readonly sessionId?: string;
    readonly requestedSessionId?: string;
    readonly usage: { readonly input: number; readonly cacheRead: number; readonly output: number } | null;
    readonly costUsd: number | null;
  };
}

const folder = new URL('../../captures/', import.meta.url);

export const captures = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')) as readonly Capture[];

/** The bytes that a run printed. */
export function bytesOf({ file }: Pick<Capture, 'file'>): Buffer {
  return readFileSync(fileURLToPath(new URL(file, folder)));
}

export interface Heard {
  readonly events: readonly AgentEvent[];
  readonly conclusion: Conclusion;
}

/** When all captured runs ended: the scripted reset of 7:58 was an hour away. */
export const ENDED_AT = Date.parse('2026-11-21T06:58:20Z');

/** What an adapter makes of an output that arrives in these pieces. */
export function hear(capture: Capture, chunks: readonly Buffer[], exit: Partial<AgentExit> = {}): Heard {
  const parser = agents[capture.agent].parser({
    role: 'implement',
    resume: capture.expect.requestedSessionId ?? null,
  });
  const events: AgentEvent[] = [];
  const split = createLineSplitter(1024 * 1024, (line) => events.push(...parser.line(line)));
  for (const chunk of chunks) split.push(chunk);
  split.end();
  const ended = { end: endOf(capture), stderr: '', resultFile: null, at: ENDED_AT, ...exit };
  return { events, conclusion: parser.end(ended) };
}

function endOf({ exit }: Capture): ProcessEnd {
  return exit.code === null ? { kind: 'signalled', signal: exit.signal ?? '' } : { kind: 'exited', code: exit.code };
}

/** The usage that the newest event tells; null: none did. */
export function usageOf(events: readonly AgentEvent[]): ReportedUsage | null {
  return events.reduce<ReportedUsage | null>((last, event) => (event.kind === 'usage' ? event.usage : last), null);
}

/** A conclusion by the name that `cases.json` has for it. */
export function outcomeOf(conclusion: Conclusion): string {
  switch (conclusion.kind) {
    case 'claimed':
    case 'unclaimed':
      return 'completed';
    case 'exhausted':
      return conclusion.what === 'context' ? 'context_full' : 'budget_spent (turns)';
    case 'stopped':
      return conclusion.limit === 'cost' ? 'budget_spent (cost)' : `stopped (${conclusion.limit})`;
    case 'limited':
      return `limited (${conclusion.of})`;
    case 'crashed':
      return conclusion.cause === 'provider' ? 'provider_error' : conclusion.cause;
    case 'refused':
      return 'denied';
    case 'unavailable':
      return 'auth';
    case 'session-lost':
      return 'session_lost';
    case 'cancelled':
      return 'cancelled';
  }
}

/** What a capture's table asks for, by the same names. */
export function outcomeWanted({ expect: { outcome, reason } }: Capture): string {
  if (outcome === 'limited') return `limited (${reason === 'rate' ? 'rate' : 'usage'})`;
  return outcome === 'budget_spent' ? `budget_spent (${reason})` : outcome;
}

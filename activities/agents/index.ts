import type { AgentKind } from '../../workflows/domain/settings.ts';
import type { AgentAdapter } from './agent.ts';
import { commandAgent } from './command.ts';

/** The agents that can be run, by the name that a profile gives. */
const adapters: Readonly<Partial<Record<AgentKind, AgentAdapter>>> = {
  command: commandAgent,
};

/** The adapter of an agent; null: this version has none for it. */
export function findAgent(kind: AgentKind): AgentAdapter | null {
  return adapters[kind] ?? null;
}

/** Names that a profile's `agent` can have in this version. */
export function knownAgents(): readonly AgentKind[] {
  return Object.keys(adapters) as AgentKind[];
}

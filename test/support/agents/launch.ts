import type { LaunchSpec } from '../../../activities/agents/agent.ts';
import type { AgentKind } from '../../../workflows/domain/agent-facts.ts';
import type { Profile, Role } from '../../../workflows/domain/settings.ts';

/** What a launch test varies. */
export interface LaunchCase {
  readonly role?: Role;
  readonly resume?: string;
  readonly profile?: Partial<Profile>;
}

/** A launch of an agent on issue 7, with session `ours`; the prompt starts like an option, and is none. */
export function launchOf(agent: AgentKind, { role, resume, profile }: LaunchCase = {}): LaunchSpec {
  const limits = { wallMs: 1000, idleMs: 1000, turns: null, costUsd: null, tokens: null };
  return {
    profile: { name: 'p', agent, model: 'mock/m', run: [], args: [], env: [], limits, fallback: null, ...profile },
    role: role ?? 'implement',
    issue: '7',
    batch: 'b',
    round: 1,
    attempt: 1,
    session: { id: 'ours', resume: resume ?? null, file: '/s/ours.jsonl' },
    prompt: '--do it',
    files: { prompt: '/p', context: '/c', result: '/r', schema: null, policy: '/policy' },
    schema: null,
    costUsd: null,
  };
}

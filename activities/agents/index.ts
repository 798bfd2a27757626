import type { AgentKind } from '../../workflows/domain/agent-facts.ts';
import type { AgentAdapter } from './agent.ts';
import { claudeAgent } from './claude.ts';
import { codexAgent } from './codex.ts';
import { commandAgent } from './command.ts';
import { geminiAgent } from './gemini.ts';
import { opencodeAgent } from './opencode.ts';
import { piAgent } from './pi.ts';

/** The agents that can be run, by the name that a profile gives. */
export const agents: Readonly<Record<AgentKind, AgentAdapter>> = {
  claude: claudeAgent,
  codex: codexAgent,
  opencode: opencodeAgent,
  pi: piAgent,
  gemini: geminiAgent,
  command: commandAgent,
};

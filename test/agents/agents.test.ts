import { describe } from 'vitest';
import { testAgentFlow } from '../support/agents/agent-flow.ts';
import { realClaude, realCodex, realGemini, realOpencode, realPi } from '../support/agents/real-agents.ts';
import { installedAgent } from './installed.ts';

const minutes = 60_000;

describe('pi', () => {
  testAgentFlow(async (place) => realPi(place, await installedAgent('pi')), { refusals: 1 });
});

describe('claude', () => {
  testAgentFlow(async (place) => realClaude(place, await installedAgent('claude')), { refusals: 1, schema: true });
});

describe('codex', () => {
  testAgentFlow(async (place) => realCodex(place, await installedAgent('codex')), {
    refusals: 1,
    schema: true,
    sandboxed: true,
    silent: true,
  });
});

describe('opencode', () => {
  // It asks seven times, silently, for 72 s.
  testAgentFlow(async (place) => realOpencode(place, await installedAgent('opencode')), {
    refusals: 7,
    withinMs: 5 * minutes,
  });
});

describe('gemini', () => {
  // It asks ten times, silently, for four minutes.
  testAgentFlow(async (place) => realGemini(place, await installedAgent('gemini')), {
    refusals: 10,
    silent: true,
    withinMs: 9 * minutes,
  });
});

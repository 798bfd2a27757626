import { describe } from 'vitest';
import { testAgentFlow } from '../support/agent-flow.ts';
import { realClaude, realCodex, realGemini, realOpencode, realPi } from '../support/real-agents.ts';
import { installedAgent } from './installed.ts';

const minutes = 60_000;

describe('pi', () => {
  testAgentFlow(async (place) => realPi(place, await installedAgent('pi')), { refusals: 1 });
});

describe('claude', () => {
  testAgentFlow(async (place) => realClaude(place, await installedAgent('claude')), { refusals: 1, schema: true });
});

describe('codex', () => {
  testAgentFlow(async (place) => realCodex(place, await installedAgent('codex')), { refusals: 1, schema: true });
});

describe('opencode', () => {
  // It asks seven times, silently, for 72 s.
  testAgentFlow(async (place) => realOpencode(place, await installedAgent('opencode')), {
    refusals: 7,
    withinMs: 5 * minutes,
  });
});

describe('gemini', () => {
  // Its daily quota names no reset: it is looked at after a minute.
  testAgentFlow(async (place) => realGemini(place, await installedAgent('gemini')), {
    refusals: 1,
    limit: 'You have exhausted your daily quota on this model.',
    withinMs: 6 * minutes,
  });
});

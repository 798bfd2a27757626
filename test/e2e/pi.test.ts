import { describe, inject } from 'vitest';
import { testAgentFlow } from '../support/agents/agent-flow.ts';
import { realPi } from '../support/agents/real-agents.ts';

describe.skipIf(!inject('temporal'))('pi, on a scripted model', () => {
  testAgentFlow((place) => realPi(place, null), { refusals: 1 });
});

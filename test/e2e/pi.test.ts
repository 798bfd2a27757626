import { describe, inject } from 'vitest';
import { testAgentFlow } from '../support/agent-flow.ts';
import { realPi } from '../support/real-agents.ts';

describe.skipIf(!inject('temporal'))('pi, on a scripted model', () => {
  testAgentFlow((place) => realPi(place, null), { refusals: 1 });
});

import { defineConfig } from 'vitest/config';

/** The opt-in suite of real agents: `npm run test:agents`, or one of them with `-- -t claude`. */
export default defineConfig({
  test: {
    include: ['test/agents/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 600_000, // the first run installs the agents
    globalSetup: ['test/support/temporal.ts'],
  },
});

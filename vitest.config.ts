import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**', 'test/agents/**', 'test/gitea/**', 'test/live/**'],
    pool: 'forks', // the SDK's Runtime is one per process, and `vmThreads` breaks it
    maxWorkers: 3, // on two cores: half of the time the long tests wait for a server, a timer or a disk
    testTimeout: 120_000, // real servers, workers and agents on a busy machine
    hookTimeout: 120_000,
    globalSetup: ['test/support/temporal.ts'],
    // Test agents tell the pids that they know, which in a namespace are not ours; containment.test.ts tries that way.
    env: { MILLRACE_CONTAINMENT: 'sweep' },
  },
});

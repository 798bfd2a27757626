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
    // In-process tests hold pids that their agents tell, which in a namespace are not ours. What test/e2e starts has
    // what a person has: pid namespaces where bubblewrap works; test/e2e/cancel.test.ts runs both ways.
    env: { MILLRACE_CONTAINMENT: 'sweep' },
  },
});

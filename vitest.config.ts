import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**'],
    pool: 'forks', // the SDK's Runtime is one per process, and `vmThreads` breaks it
    testTimeout: 60_000, // real servers, workers and agents on a busy machine
    hookTimeout: 120_000,
    globalSetup: ['test/support/temporal.ts'],
  },
});

import { defineConfig } from 'vitest/config';

/** The opt-in smoke suite on real servers: `npm run test:live`; see the top of `forge.test.ts`. */
export default defineConfig({
  test: {
    include: ['test/live/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    // A forge slows down who writes a lot, and the whole suite writes some hundred times.
    testTimeout: 15 * 60_000,
    hookTimeout: 30 * 60_000,
    env: { MILLRACE_CONTAINMENT: 'sweep' },
  },
});

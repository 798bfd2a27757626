import { defineConfig } from 'vitest/config';

/** The suite of a real Gitea with a real Actions runner: `npm run test:gitea`, or a part with `-- <file>`. */
export default defineConfig({
  test: {
    include: ['test/gitea/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: ['test/support/temporal.ts', 'test/support/gitea/global.ts'],
    env: { MILLRACE_CONTAINMENT: 'sweep' },
  },
});

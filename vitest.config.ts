import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes, however few lines they have; a clean clone remembers no durations and goes by size. */
const LONG = /\/test\/(e2e\/|activities\/forges\/github\/seeds\.)/;

/** Begins with the long files, so that none of them is left for the end, when the other workers have nothing to do. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**', 'test/agents/**', 'test/gitea/**', 'test/live/**'],
    pool: 'forks', // the SDK's Runtime is one per process, and `vmThreads` breaks it
    maxWorkers: 3, // on two cores: half of the time the long tests wait for a server, a timer or a disk
    sequence: { sequencer: LongFirst },
    testTimeout: 120_000, // real servers, workers and agents on a busy machine
    hookTimeout: 120_000,
    globalSetup: ['test/support/temporal.ts'],
    // In-process tests hold pids that their agents tell, which in a namespace are not ours. What test/e2e starts has
    // what a person has: pid namespaces where bubblewrap works; test/e2e/cancel.test.ts runs both ways.
    env: { MILLRACE_CONTAINMENT: 'sweep' },
  },
});

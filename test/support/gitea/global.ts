import type { TestProject } from 'vitest/node';
import { openGitea, startRunner, type GiteaAccess } from './access.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where no Gitea could be had: suites that need it skip themselves, visibly. */
    gitea: GiteaAccess | null;
  }
}

/** vitest's `globalSetup`: one Gitea with a runner for all suites of a run; `inject('gitea')` in a suite. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const opened = await openGitea(say);
  project.provide('gitea', opened?.access ?? null);
  if (!opened) {
    say('tests that need a Gitea are skipped');
    return async () => {};
  }
  await startRunner(opened.access).catch(async (error: unknown) => {
    await opened.close();
    throw error;
  });
  return () => opened.close();
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createForgeActivities } from '../../../activities/index.ts';
import { readinessOf, type Readiness } from '../../../activities/delivery/readiness.ts';
import type { Forge } from '../../../activities/forges/forge.ts';
import { createForges } from '../../../activities/forges/index.ts';
import { createLocalForge } from '../../../activities/forges/local.ts';
import { openMirror } from '../../../activities/git/mirror.ts';
import { createRemoteReader } from '../../../activities/git/remote.ts';
import { createRecords } from '../../../activities/forges/local/records.ts';
import { createRepositories, issueDocument, type Repository } from '../../../activities/repository/repository.ts';
import { noUsage, type Base, type IssueRef } from '../../../workflows/domain/attempt.ts';
import type { LandInput } from '../../../workflows/domain/forge/delivery.ts';
import type { IssueDocument } from '../../../workflows/domain/issue.ts';
import type { Outcome, OutcomeKind } from '../../../workflows/domain/outcome.ts';
import type { ReviewDocument } from '../../../workflows/domain/review.ts';
import type { Settings } from '../../../workflows/domain/settings.ts';
import { acquireLock } from '../../../client/state/lock.ts';
import { breakingAt } from './breaking-records.ts';
import { registerRepository } from '../git/registered-repository.ts';

export type ForgeActivities = ReturnType<typeof createForgeActivities>;

/** Many of these activities are meant to fail. */
const quiet = new DefaultLogger('ERROR', () => undefined);

/** A worker's context: heartbeats and a cancellation signal; a cancelled one stays so. */
export function activityContext(): MockActivityEnvironment {
  return new MockActivityEnvironment({}, { logger: quiet });
}

/** The issue that these tests work on. */
export const someDocument: IssueDocument = {
  id: '12',
  key: '12',
  title: 'Fix the parser',
  priority: 'medium',
  dependencies: [],
  files: [],
  body: 'It does not parse.',
  labels: [],
  skip: null,
  textHash: 'a'.repeat(64),
};

export const someBranch = 'millrace/12-fix-the-parser';

export interface Work {
  readonly head: string;
  readonly base: Base;
}

/** One issue on its way through the forge activities, over a real repository and the local forge. */
export async function createForgeWork(settings: Partial<Settings> = {}) {
  const state = await registerRepository(settings);
  const { remote, artifacts, layout } = state;
  const forgeFor = createForges({ root: join(state.root, 'pace'), lock: acquireLock });
  const repository = () => createRepositories(state.root).open(state.ref);
  let issue = await planned(someDocument);

  async function planned(document: IssueDocument): Promise<IssueRef> {
    const { sha256 } = await artifacts.put({ version: 1, name: 'p', issues: [document] });
    return { ...state.ref, plan: sha256, batch: 'b', id: document.id, key: document.key };
  }

  /** The activities of a new process; `breakAt`: killed around its nth effect on the forge. */
  const restarted = (breakAt?: number): ForgeActivities => {
    const repositories = createRepositories(state.root);
    if (breakAt === undefined) return createForgeActivities({ repositories, forgeFor });
    const records = breakingAt(createRecords(layout.forge), breakAt);
    const mirrorOf = (each: Repository) => async () => (await openMirror(each)).git;
    const breaking = async (each: Repository) =>
      createLocalForge({
        records,
        remote: createRemoteReader({ mirror: mirrorOf(each), remote: remote.dir }),
        merge: async ({ sha }) => ({ kind: 'merged', sha: await remote.mergeSha(sha) }),
      });
    return createForgeActivities({ repositories, forgeFor: breaking });
  };
  const activities = restarted();
  const run = <I, R>(activity: (input: I) => Promise<R>, input: I): Promise<R> =>
    activityContext().run(activity, input);

  /** Posts what a reviewer said; approving where nothing else is given. */
  async function review(
    { head }: Work,
    pullRequest: number | null,
    said: Partial<ReviewDocument> = {},
    by = activities,
  ): Promise<void> {
    const facts = { round: 1, verdict: 'approved', summary: 'Good.', findings: [], ...said } as const;
    const document: ReviewDocument = { version: 1, head, ...facts };
    const posted = await artifacts.put(document);
    await run(by.postReview, { version: 1, issue, head, round: facts.round, pullRequest, review: posted });
  }

  return {
    state,
    remote,
    forgeFor,
    activities,
    restarted,
    run,
    issue: () => issue,
    /** From now on the plan has another text under the same id. */
    rewrite: async (change: Partial<IssueDocument>) => {
      issue = await planned({ ...someDocument, ...change });
    },
    forge: async (): Promise<Forge> => forgeFor(await repository()),
    record: async <T>(path: string) => JSON.parse(await readFile(join(layout.forge, `${path}.json`), 'utf8')) as T,

    /** What the host's side does before: the work is on the branch and in the mirror. */
    async push(message = 'work', branch = someBranch, files: Readonly<Record<string, string>> = {}): Promise<Work> {
      const start = await remote.tip('main');
      const head = await remote.commit(branch, message, files);
      const { git } = await openMirror(await repository());
      await git.run(['fetch', '--quiet', remote.dir, '+refs/heads/*:refs/test/*']);
      return { head, base: { branch: 'main', sha: start, start } };
    },
    open(work: Work, by = activities, branch = someBranch) {
      const words = { title: someDocument.title, summary: 'Done.', dependencies: [], checks: null };
      return run(by.openPullRequest, { version: 1, issue, branch, ...work, ...words });
    },
    approve: (work: Work, pullRequest: number | null, by = activities) => review(work, pullRequest, {}, by),
    review,
    land(work: Work, pullRequest: number | null, by = activities, more: Partial<LandInput> = {}) {
      const facts = { branch: someBranch, title: someDocument.title, pullRequest, ...more };
      return run(by.landPullRequest, { version: 1, issue, ...work, ...facts });
    },
    end(outcome: Outcome, by = activities) {
      return run(by.recordOutcome, { version: 1, issue, outcome });
    },
    async prepare(change: { rerun?: boolean; resume?: { branch: string; head: string } } = {}): Promise<Readiness> {
      const known = await repository();
      const document = await issueDocument(known, issue);
      return readinessOf(await forgeFor(known), document, { rerun: false, resume: null, ...change });
    },
    dispose: () => state.dispose(),
  };
}

export type ForgeWork = Awaited<ReturnType<typeof createForgeWork>>;

/** An outcome of that issue. */
export function someOutcome(kind: OutcomeKind, facts: Partial<Outcome> = {}): Outcome {
  return {
    version: 1,
    kind,
    reason: 'so it went',
    issue: someDocument.id,
    title: someDocument.title,
    branch: someBranch,
    pullRequest: null,
    sha: null,
    ref: null,
    rounds: 1,
    attempts: 1,
    usage: noUsage,
    durationMs: 1,
    ...facts,
  };
}

import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { PrepareInput, Prepared } from '../workflows/domain/attempt.ts';
import { failure } from './failure/failure.ts';
import { mergeDependencies } from './git/dependencies.ts';
import type { Mirror } from './git/mirror.ts';
import { createLookup, type LookupDeps } from './delivery/lookup.ts';
import { readinessOf, type Readiness } from './delivery/readiness.ts';
import type { Slots } from './host/slots.ts';
import { vacate } from './worktree/vacate.ts';
import { openWorkArea } from './worktree/work-area.ts';

/** What preparing an issue needs from the worker. */
export interface PrepareDeps extends LookupDeps {
  readonly slots: Slots;
  readonly host: string;
  readonly log: Pick<Logger, 'warn'>;
}

/** The first step of an issue: read it live, choose its base, make its worktree. A repeated call finds what is there. */
export function createPrepareActivities(deps: PrepareDeps) {
  return {
    prepareIssue: (input: PrepareInput): Promise<Prepared> => {
      const signal = Context.current().cancellationSignal;
      return deps.slots.hold('first-step', signal, () => prepare(deps, input, signal));
    },
  };
}

async function prepare(deps: PrepareDeps, input: PrepareInput, signal: AbortSignal): Promise<Prepared> {
  const { repository, forge, issue } = await createLookup(deps).issue(input.issue);
  const readiness = await readinessOf(forge, issue, input);
  if (readiness.kind === 'skip') return { ...readiness, kind: 'skipped' };
  const area = await openWorkArea(repository, deps.log);
  const { mirror } = area;
  const { base } = repository.settings.repository;
  const sha = await mirror.fetchBase();
  const start = await startOf({ mirror, input, readiness, sha });
  if (start.kind === 'held') return start;
  const { key } = input.issue;
  await vacate(repository.layout.worktree(key)); // a killed worker's set-up commands
  signal.throwIfAborted();
  const { branch } = readiness;
  try {
    await area.ensureWorktree({ issue: input.issue, branch, head: start.sha }, signal);
  } catch (error) {
    if (signal.aborted) await area.removeWorktree(key);
    throw error;
  }
  return {
    kind: 'ready',
    host: deps.host,
    title: readiness.title,
    branch,
    base: { branch: base, sha, start: start.sha },
    attempt: (await mirror.lastAttempt(key)) + 1,
    pullRequest: readiness.pullRequest,
  };
}

interface StartInput {
  readonly mirror: Mirror;
  readonly input: PrepareInput;
  readonly readiness: Extract<Readiness, { kind: 'go' }>;
  /** Newest sha of the base. */
  readonly sha: string;
}

type Start = { readonly kind: 'start'; readonly sha: string } | Extract<Prepared, { kind: 'held' }>;

/** Where the issue starts: the newest base, its dependencies' approved work, its own open pull request, or where it left off. */
async function startOf({ mirror, input, readiness, sha }: StartInput): Promise<Start> {
  if (input.resume) return { kind: 'start', sha: await takenOver(mirror, input.resume) };
  if (readiness.pullRequest !== null) return { kind: 'start', sha: await mirror.fetchBase(readiness.branch) };
  const { dependencies } = input;
  if (dependencies.length === 0) return { kind: 'start', sha };
  const merged = await mergeDependencies(
    mirror,
    dependencies.map((each) => each.sha),
  );
  if (merged.kind === 'merged') return { kind: 'start', sha: merged.sha };
  const culprit = dependencies.find((each) => each.sha === merged.sha)?.id ?? merged.sha;
  const files = merged.files.join(', ');
  return { kind: 'held', reason: `the work of its dependencies does not merge: ${culprit} conflicts in ${files}` };
}

/**
 * Where another host left off. What it had published is on the remote; the rest is on its own disk only.
 * @throws WorktreeBroken, not retryable, where nobody else has the work.
 */
async function takenOver(mirror: Mirror, { head }: NonNullable<PrepareInput['resume']>): Promise<string> {
  if (await mirror.fetchCommit(head)) return head;
  const words = `the work at ${head.slice(0, 12)} was not published, and the host that has it does not answer`;
  throw failure('WorktreeBroken', `${words}: start its worker again, then retry the issue`, { nonRetryable: true });
}

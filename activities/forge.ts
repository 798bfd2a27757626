import { Context } from '@temporalio/activity';
import type { ChecksDocument, IssueRef, PrepareInput } from '../workflows/domain/attempt.ts';
import type {
  AcceptInput,
  LandInput,
  LandResult,
  OpenPullRequestInput,
  OutcomeInput,
  PostReviewInput,
  PullRequestRef,
} from '../workflows/domain/delivery.ts';
import type { ReviewDocument } from '../workflows/domain/review.ts';
import { beating } from './beat.ts';
import { acceptedBody, cancelledBody, landMessage, outcomeBody } from './body.ts';
import { pullBody, pullTitle, reviewBody, reviewStatusText } from './body.ts';
import { failure } from './failure.ts';
import { pullKey, reviewContext, reviewKey, statusKey } from './forges/forge.ts';
import type { Forge, IssueIdentity, PullRequest } from './forges/forge.ts';
import { isApproved, readinessOf, type Readiness } from './readiness.ts';
import { issueDocument, type Repositories, type Repository, type RepositoryRef } from './repository.ts';

/** Puts a sha onto the newest base of the remote; where the base has it already, that is landed too. */
export type Land = (
  repository: Repository,
  landing: { readonly base: string; readonly head: string; readonly message: string },
) => Promise<LandResult>;

export interface ForgeDeps {
  readonly repositories: Repositories;
  readonly forgeFor: (repository: Repository) => Promise<Forge>;
  readonly land: Land;
}

/** A pull request as a report shows it. */
export type PullRequestFacts = Pick<PullRequest, 'number' | 'url' | 'issueKey' | 'branch' | 'title' | 'state' | 'head'>;

/** Activities with an effect on a forge: each looks first, acts once, and may be repeated after any kill. */
export function createForgeActivities(deps: ForgeDeps) {
  const bound = async (ref: RepositoryRef) => {
    const repository = await deps.repositories.open(ref);
    return { repository, forge: await deps.forgeFor(repository) };
  };
  const boundTo = async (ref: IssueRef) => {
    const { repository, forge } = await bound(ref);
    return { repository, forge, issue: await issueDocument(repository, ref) };
  };

  return beating({
    /** Not for a workflow: the host's `prepareIssue` asks it inside its own lease. */
    readForPrepare: async (input: Pick<PrepareInput, 'issue' | 'rerun' | 'resume'>): Promise<Readiness> => {
      const { forge, issue } = await boundTo(input.issue);
      return readinessOf(forge, issue, input);
    },

    openPullRequest: async (input: OpenPullRequestInput): Promise<PullRequestRef> => {
      const { repository, forge, issue } = await boundTo(input.issue);
      const checks = input.checks && (await repository.artifacts.get<ChecksDocument>(input.checks));
      const { summary, dependencies, usage = null } = input;
      stillOurs();
      const { value } = await forge.ensurePull(pullKey(issue.key), {
        issue: identityOf(issue),
        branch: input.branch,
        head: input.head,
        base: input.base.branch,
        title: pullTitle({ id: issue.id, title: input.title }),
        body: pullBody({ id: issue.id, summary, dependencies, checks, usage }),
      });
      if (value.state !== 'closed') return { number: value.number, url: value.url };
      const mend = `retry ${issue.id} for a new branch and pull request`;
      throw failure('ForgeRejected', `#${value.number} of ${input.branch} was closed by a person: ${mend}`, {
        details: { kind: 'pull-closed', pullRequest: value.number },
      });
    },

    postReview: async (input: PostReviewInput): Promise<void> => {
      const { repository, forge } = await bound(input.issue);
      const { head, round, pullRequest } = input;
      const review = await repository.artifacts.get<ReviewDocument>(input.review);
      if (review.head !== head) throw new Error(`the review of ${review.head} was to be posted on ${head}`);
      const state = review.verdict === 'approved' ? 'success' : 'failure';
      stillOurs();
      await forge.setStatus(head, { context: reviewContext, state, text: reviewStatusText(review) });
      if (pullRequest === null) return;
      const key = reviewKey({ pull: pullRequest, sha: head, round });
      await forge.postReview(key, pullRequest, { sha: head, verdict: review.verdict, body: reviewBody(review) });
    },

    acceptWork: async (input: AcceptInput): Promise<void> => {
      const { forge } = await bound(input.issue);
      stillOurs();
      await forge.setStatus(input.head, { context: reviewContext, state: 'success', text: 'accepted by a person' });
      if (input.pullRequest === null) return;
      const key = `accept/${input.pullRequest}/${input.head}`;
      await forge.ensureComment(key, { pull: input.pullRequest }, acceptedBody(input));
    },

    landPullRequest: async (input: LandInput): Promise<LandResult> => {
      const { repository, forge, issue } = await boundTo(input.issue);
      const pull = input.pullRequest === null ? null : await forge.pull(input.pullRequest);
      if (pull?.state === 'closed') return closedBySomebody(pull, issue.id);
      if (pull?.state !== 'merged') await mustBeApproved(forge, input.head, pull);
      stillOurs();
      const message = landMessage({ id: issue.id, title: input.title, pullRequest: input.pullRequest });
      const landing = { base: input.base.branch, head: input.head, message };
      const result = pull?.mergeSha ? landedAs(pull.mergeSha) : await deps.land(repository, landing);
      if (result.kind !== 'landed') return result;
      // No way back from here: what has landed is told as landed, whoever cancelled it meanwhile.
      const because = `landed as ${result.sha.slice(0, 12)}`;
      await forge.closeIssue(identityOf(issue), { why: 'completed', because, sha: result.sha });
      if (pull) await settlePull(forge, pull.number, because);
      return result;
    },

    recordOutcome: async ({ issue: ref, outcome }: OutcomeInput): Promise<void> => {
      const { forge, issue } = await boundTo(ref);
      const identity = identityOf(issue);
      const key = statusKey(issue.key);
      stillOurs();
      if (outcome.kind === 'landed') {
        await forge.closeIssue(identity, { why: 'completed', because: outcome.reason, sha: outcome.sha });
      }
      await forge.ensureComment(key, { issue: identity }, outcomeBody(outcome));
      if (outcome.kind !== 'cancelled' || outcome.pullRequest === null) return;
      const pull = await forge.pull(outcome.pullRequest);
      if (pull.state === 'open') await forge.ensureComment(key, { pull: pull.number }, cancelledBody(outcome));
    },

    listPulls: async (ref: RepositoryRef): Promise<readonly PullRequestFacts[]> => {
      const { forge } = await bound(ref);
      const pulls = await forge.pulls('all');
      return pulls.map(({ number, url, issueKey, branch, title, state, head }) => {
        return { number, url, issueKey, branch, title, state, head };
      });
    },
  });
}

/** Only what a review, or a person, approved is landed, and nothing that was pushed on top of it since. */
async function mustBeApproved(forge: Forge, head: string, pull: PullRequest | null): Promise<void> {
  if (pull && pull.head !== head) {
    const now = `${pull.branch} is at ${pull.head.slice(0, 12)}, not at the reviewed ${head.slice(0, 12)}`;
    throw failure('ForgeRejected', `${now}: somebody pushed to it; have it reviewed again`, {
      details: { kind: 'stale-head' },
    });
  }
  if (await isApproved(forge, head)) return;
  const missing = `${head.slice(0, 12)} has no successful status ${reviewContext}`;
  throw failure('ForgeRejected', `${missing}: only approved work is landed`, { details: { kind: 'not-approved' } });
}

/** A forge sees by itself that a base contains a head; work that landed under other shas has to be closed by us. */
async function settlePull(forge: Forge, number: number, because: string): Promise<void> {
  const pull = await forge.pull(number);
  if (pull.state !== 'open') return;
  await forge.ensureComment(`landed/${number}`, { pull: number }, `Closed: ${because}.`);
  await forge.editPull(number, { state: 'closed' });
}

function closedBySomebody(pull: PullRequest, id: string): LandResult {
  return {
    kind: 'blocked',
    reason: `pull request #${pull.number} was closed by a person`,
    command: `millrace retry ${id}`,
  };
}

function landedAs(sha: string): LandResult {
  return { kind: 'landed', sha };
}

function identityOf({ id, key, textHash }: IssueIdentity): IssueIdentity {
  return { id, key, textHash };
}

/** An activity that lost its lease gives up before it acts: another attempt of it may be at work. */
function stillOurs(): void {
  Context.current().cancellationSignal.throwIfAborted();
}

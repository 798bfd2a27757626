import type { ChecksDocument, PrepareInput } from '../workflows/domain/attempt.ts';
import type { OpenPullRequestInput, PullRequestRef } from '../workflows/domain/forge/delivery.ts';
import { beating } from './beat.ts';
import { pullBody, pullTitle } from './delivery/texts.ts';
import { failure } from './failure/failure.ts';
import { closedBy, createBinding, identityOf, stillOurs, type Binding, type ForgeDeps } from './delivery/lookup.ts';
import { createCiActivities } from './ci.ts';
import { createLandingActivities } from './landing.ts';
import { createReviewActivities } from './review.ts';
import { createStandingActivities } from './announcement.ts';
import type { PullRequest } from './forges/pull.ts';
import { pullKey } from './forges/key.ts';
import { readinessOf, type Readiness } from './delivery/readiness.ts';
import type { RepositoryRef } from './repository/repository.ts';

/** A pull request as a report shows it. */
export type PullRequestFacts = Pick<PullRequest, 'number' | 'url' | 'issueKey' | 'branch' | 'title' | 'state' | 'head'>;

/** Activities with an effect on a forge: each looks first, acts once, and may be repeated after any kill. */
export function createForgeActivities(deps: ForgeDeps) {
  const binding = createBinding(deps);
  return beating({
    ...createPullActivities(binding),
    ...createReviewActivities(binding),
    ...createCiActivities(binding),
    ...createLandingActivities(binding, deps.land),
    ...createStandingActivities(binding),
  });
}

function createPullActivities(binding: Binding) {
  return {
    /** Not for a workflow: the host's `prepareIssue` asks it inside its own lease. */
    readForPrepare: async (input: Pick<PrepareInput, 'issue' | 'rerun' | 'resume'>): Promise<Readiness> => {
      const { forge, issue } = await binding.issue(input.issue);
      return readinessOf(forge, issue, input);
    },

    openPullRequest: async (input: OpenPullRequestInput): Promise<PullRequestRef> => {
      const bound = await binding.issue(input.issue);
      const { repository, forge, issue } = bound;
      const checks = input.checks && (await repository.artifacts.get<ChecksDocument>(input.checks));
      const closes = await closedBy(bound);
      const { summary, dependencies, usage = null } = input;
      stillOurs();
      const { value } = await forge.ensurePull(pullKey(issue.key), {
        issue: identityOf(issue),
        branch: input.branch,
        head: input.head,
        base: input.base.branch,
        title: pullTitle({ id: issue.id, title: input.title, number: issue.number ?? null }),
        body: pullBody({ closes, summary, dependencies, checks, usage }),
      });
      if (value.state !== 'closed') return { number: value.number, url: value.url };
      const mend = `retry ${issue.id} for a new branch and pull request`;
      throw failure('ForgeRejected', `#${value.number} of ${input.branch} was closed by a person: ${mend}`, {
        details: { kind: 'pull-closed', pullRequest: value.number },
      });
    },

    listPulls: async (ref: RepositoryRef): Promise<readonly PullRequestFacts[]> => {
      const { forge } = await binding.repository(ref);
      const pulls = await forge.pulls('all');
      return pulls.map(({ number, url, issueKey, branch, title, state, head }) => {
        return { number, url, issueKey, branch, title, state, head };
      });
    },
  };
}

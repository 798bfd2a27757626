import type { ChecksDocument } from '../workflows/domain/attempt.ts';
import type { OpenPullRequestInput, PublishInput, PullRequestRef } from '../workflows/domain/forge/delivery.ts';
import { closedBy, identityOf, titled, type Lookup } from './delivery/lookup.ts';
import { pullBody, pullTitle } from './delivery/texts.ts';
import { failure } from './failure/failure.ts';
import { pullKey } from './forges/key.ts';
import type { PullRequest } from './forges/pull.ts';
import { pushBranch } from './git/push.ts';
import { stillOurs } from './heartbeat.ts';
import type { Repositories, RepositoryRef } from './repository/repository.ts';

/** A pull request as a report shows it. */
export type PullRequestFacts = Pick<PullRequest, 'number' | 'url' | 'issueKey' | 'branch' | 'title' | 'state' | 'head'>;

/** Activities about pull requests: each looks first, acts once, and may be repeated after any kill. */
export function createPullRequestActivities(lookup: Lookup) {
  return {
    openPullRequest: async (input: OpenPullRequestInput): Promise<PullRequestRef> => {
      const found = await lookup.issue(input.issue);
      const { repository, forge, issue } = found;
      const checks = input.checks && (await repository.artifacts.get<ChecksDocument>(input.checks));
      const closes = await closedBy(found);
      const { summary, dependencies, usage = null } = input;
      stillOurs();
      const { value } = await forge.ensurePull(pullKey(issue.key), {
        issue: identityOf(issue),
        branch: input.branch,
        head: input.head,
        base: input.base.branch,
        title: pullTitle(titled(found, input)),
        body: pullBody({ closes, summary, dependencies, checks, usage }),
      });
      if (value.state !== 'closed') return { number: value.number, url: value.url };
      const mend = `retry ${issue.id} for a new branch and pull request`;
      throw failure('ForgeRejected', `#${value.number} of ${input.branch} was closed by a person: ${mend}`, {
        details: { kind: 'pull-closed', pullRequest: value.number },
      });
    },

    listPulls: async (ref: RepositoryRef): Promise<readonly PullRequestFacts[]> => {
      const { forge } = await lookup.repository(ref);
      const pulls = await forge.pulls('all');
      return pulls.map(({ number, url, issueKey, branch, title, state, head }) => {
        return { number, url, issueKey, branch, title, state, head };
      });
    },
  };
}

/** The step before it: pushes the branch, on the host whose mirror has the work. */
export function createPublishActivities({ repositories }: { readonly repositories: Repositories }) {
  return {
    publishWork: async (input: PublishInput): Promise<void> => {
      await pushBranch(await repositories.open(input.issue), input);
    },
  };
}

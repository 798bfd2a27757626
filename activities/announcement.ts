import type { AnnounceInput, OutcomeInput } from '../workflows/domain/forge/delivery.ts';
import { isSuccess } from '../workflows/domain/outcome.ts';
import type { IssueRules } from '../workflows/domain/settings.ts';
import { cancelledBody, outcomeBody, waitingBody } from './delivery/texts.ts';
import { identityOf, type Lookup } from './delivery/lookup.ts';
import { stillOurs } from './heartbeat.ts';
import type { LabelChange } from './forges/issue.ts';
import { statusKey } from './forges/key.ts';

/** Where an issue stands, as people read it from its labels and its one status comment. */
export type Shown = AnnounceInput['standing'] | 'over';

/** Activities that tell the forge where an issue stands. */
export function createAnnouncementActivities(lookup: Lookup) {
  return {
    announceIssue: async (input: AnnounceInput): Promise<void> => {
      const { repository, forge, issue } = await lookup.issue(input.issue);
      const identity = identityOf(issue);
      stillOurs();
      await forge.label(identity, labelsFor(repository.settings.issues, input.standing));
      if (input.standing === 'waiting')
        await forge.ensureComment(statusKey(issue.key), { issue: identity }, waitingBody({ ...input, id: issue.id }));
    },

    recordOutcome: async ({ issue: ref, outcome }: OutcomeInput): Promise<void> => {
      const { repository, forge, issue } = await lookup.issue(ref);
      const identity = identityOf(issue);
      const key = statusKey(issue.key);
      stillOurs();
      if (outcome.kind === 'landed') {
        await forge.closeIssue(identity, { why: 'completed', because: outcome.reason, sha: outcome.sha });
      }
      const { landing } = repository.settings;
      if (!isSuccess(outcome.kind) && outcome.pullRequest !== null && landing === 'auto-merge')
        await forge.cancelMerge(outcome.pullRequest); // or else the forge would merge work that was given up, once it is green
      await forge.ensureComment(key, { issue: identity }, outcomeBody(outcome));
      const shown: Shown = outcome.kind === 'needs-manual-review' ? 'waiting' : 'over';
      await forge.label(identity, labelsFor(repository.settings.issues, shown));
      if (outcome.kind !== 'cancelled' || outcome.pullRequest === null) return;
      const pull = await forge.pull(outcome.pullRequest);
      if (pull.state === 'open') await forge.ensureComment(key, { pull: pull.number }, cancelledBody(outcome));
    },
  };
}

/** The labels by which people see it. A label that the configuration switches off is left alone. */
export function labelsFor(rules: IssueRules | undefined, shown: Shown): LabelChange {
  const working = rules?.inProgress ? [rules.inProgress] : [];
  const waiting = rules?.needsManualReview ? [rules.needsManualReview] : [];
  switch (shown) {
    case 'working':
      return { add: working, remove: waiting };
    case 'waiting':
      return { add: waiting, remove: working };
    case 'over':
      return { add: [], remove: [...working, ...waiting] };
  }
}

import { letsLand } from '../workflows/domain/forge/ci.ts';
import type { LandInput, LandResult } from '../workflows/domain/forge/delivery.ts';
import { reviewContext } from '../workflows/domain/review.ts';
import type { LandingRules } from '../workflows/domain/settings.ts';
import { shellWord } from '../workflows/domain/host/shell.ts';
import { landMessage } from './delivery/texts.ts';
import { failure } from './failure/failure.ts';
import { closedBy, identityOf, titled, type Lookup, type IssueFound } from './delivery/lookup.ts';
import { stillOurs } from './heartbeat.ts';
import type { Forge } from './forges/forge.ts';
import type { PullRequest } from './forges/pull.ts';
import { landDirect } from './git/land.ts';
import { mergeConflicts } from './git/proposed.ts';
import { deleteBranch } from './git/push.ts';
import { blockedBy, forbiddenBy, howToResume } from './delivery/landing-rules.ts';
import { isApproved } from './delivery/readiness.ts';

/** Activities that put approved work onto the base. */
export function createLandingActivities(lookup: Lookup) {
  return {
    landPullRequest: async (input: LandInput): Promise<LandResult> => {
      const found = await lookup.issue(input.issue);
      const { forge, issue } = found;
      const pull = input.pullRequest === null ? null : await forge.pull(input.pullRequest);
      if (pull?.state === 'closed') return closedBySomebody(pull, issue.id);
      if (pull?.state !== 'merged') await mustBeApproved(forge, input.head, pull);
      const result = await landed(found, { input, pull });
      if (result.kind !== 'landed') return result;
      // No way back from here: work that has landed is reported as landed, even if somebody cancelled it meanwhile.
      const because = `landed as ${result.sha.slice(0, 12)}`;
      await forge.closeIssue(identityOf(issue), { why: 'completed', because, sha: result.sha });
      if (pull) await closePull(forge, pull.number, because);
      await dropBranch(found, input);
      return result;
    },
  };
}

interface Landing {
  readonly input: LandInput;
  readonly pull: PullRequest | null;
}

async function landed(found: IssueFound, { input, pull }: Landing): Promise<LandResult> {
  const { repository } = found;
  if (pull?.state === 'merged') return { kind: 'landed', sha: pull.mergeSha ?? pull.head };
  const { landing, landingRules } = repository.settings;
  if (pull && landingRules && landing !== 'direct') return mergePull(found, { input, pull, rules: landingRules });
  const into = { input, base: input.base.branch, what: 'the work' };
  const forbidden = landingRules && (await forbiddenBy(found, { ...into, rules: landingRules }));
  if (forbidden) return { kind: 'blocked', ...forbidden };
  stillOurs();
  const closes = await closedBy(found);
  const message = landMessage({ ...titled(found, input), pullRequest: input.pullRequest, closes });
  return landDirect(repository, { base: input.base.branch, head: input.head, message });
}

interface Merging {
  readonly input: LandInput;
  readonly pull: PullRequest;
  readonly rules: LandingRules;
}

/** Lets the forge merge exactly this sha; whatever forbids that is reported before anything is tried. */
async function mergePull(found: IssueFound, merging: Merging): Promise<LandResult> {
  const { repository, forge, issue } = found;
  const { input, pull, rules } = merging;
  const draft = pull.isDraft ? { reason: `#${pull.number} is a draft`, command: howToResume(issue.id) } : null;
  const into = { input, base: pull.base, what: `#${pull.number}`, rules };
  const forbidden = draft ?? (await forbiddenBy(found, into));
  if (forbidden) return { kind: 'blocked', ...forbidden };
  const files = await mergeConflicts(repository, { base: pull.base, head: input.head });
  if (files.length > 0) return { kind: 'conflict', files };
  const when = await moment(found, input);
  if (when === null) return { kind: 'pending' };
  const closes = await closedBy(found);
  const words = landMessage({ ...titled(found, input), pullRequest: pull.number, closes });
  const [title = '', ...message] = words.split('\n\n');
  stillOurs();
  const order = { method: rules.method, sha: input.head, when, title, message: message.join('\n\n') } as const;
  const merge = await forge.merge(pull.number, order).catch((error: unknown) => blockedBy(error, issue.id));
  switch (merge.kind) {
    case 'merged':
      return { kind: 'landed', sha: merge.sha };
    case 'scheduled':
      return merge;
    case 'blocked':
      return { kind: 'blocked', reason: merge.reason, command: howToResume(issue.id) };
  }
}

/** When to merge: now, or on green by the forge itself; null: not before somebody has waited for CI. */
async function moment({ repository, forge }: IssueFound, input: LandInput): Promise<'now' | 'on-green' | null> {
  const { landing, ci } = repository.settings;
  const { scheduledMerge } = await forge.capabilities();
  if (landing === 'auto-merge' && scheduledMerge && !input.accepted) return 'on-green';
  if (!ci || input.accepted) return 'now';
  if (!input.ciPassed) return null;
  // Ask once more, by sha: a check may have registered since.
  return letsLand(await forge.ci(input.head, input.base.branch)) ? 'now' : null;
}

/** Only work that a review or a person approved may land, without anything that was pushed on top of it since. */
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

/** Closes the pull request of landed work where the forge cannot see by itself that it has landed. */
async function closePull(forge: Forge, number: number, because: string): Promise<void> {
  const pull = await forge.pull(number);
  if (pull.state !== 'open') return;
  await forge.ensureComment(`landed/${number}`, { pull: number }, `Closed: ${because}.`);
  await forge.editPull(number, { state: 'closed' });
}

/** Deletes the branch where the policy says so; a branch that stays, or is already gone, does no harm. */
async function dropBranch({ repository }: IssueFound, { branch, head }: LandInput): Promise<void> {
  if (repository.settings.landingRules?.deleteBranch) await deleteBranch(repository, { branch, head });
}

function closedBySomebody(pull: PullRequest, id: string): LandResult {
  return {
    kind: 'blocked',
    reason: `pull request #${pull.number} was closed by a person: reopen it, or end the issue by millrace cancel ${shellWord(id)}`,
    command: howToResume(id),
  };
}

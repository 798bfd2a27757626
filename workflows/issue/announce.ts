import { isCancellation } from '@temporalio/workflow';
import type { AnnounceInput } from '../domain/forge/delivery.ts';
import { noted } from '../domain/issue-transitions.ts';
import { knownFailure } from '../failures.ts';
import { announceIssue } from '../proxies.ts';
import type { IssueCore } from './core.ts';

/** Shows on the forge where the issue stands, if the forge has a place for it; a failure costs a note, no more. */
export async function announceOnForge(
  core: IssueCore,
  kind: AnnounceInput['standing'],
  reason: string | null = null,
): Promise<void> {
  const { policy, issue } = core.input;
  if (!policy.announces) return;
  try {
    await announceIssue({ version: 1, issue, standing: kind, reason, pullRequest: core.state.pullRequest });
  } catch (error) {
    if (isCancellation(error)) throw error;
    const why = knownFailure(error)?.message ?? 'no answer';
    core.state = noted(core.state, `the forge was not told that it is ${kind}: ${why}`);
  }
}

import { isCancellation } from '@temporalio/workflow';
import type { AnnounceInput } from '../domain/forge/delivery.ts';
import { noted } from '../domain/issue-transitions.ts';
import { knownFailure } from '../failures.ts';
import { announceIssue } from '../proxies.ts';
import type { IssueRecord } from './record.ts';

/** Shows on the forge where the issue stands, if the forge has a place for it; a failure costs a note, no more. */
export async function announce(
  record: IssueRecord,
  standing: AnnounceInput['standing'],
  reason: string | null = null,
): Promise<void> {
  const { policy, issue } = record.input;
  if (!policy.announces) return;
  try {
    await announceIssue({ version: 1, issue, standing, reason, pullRequest: record.state.pullRequest });
  } catch (error) {
    if (isCancellation(error)) throw error;
    const why = knownFailure(error)?.message ?? 'no answer';
    record.state = noted(record.state, `the forge was not told that it is ${standing}: ${why}`);
  }
}

import { selectIssues } from '../../../activities/intake/select.ts';
import type { ByNumbers, ByQuery, Selected, SelectRequest } from '../../../workflows/domain/forge/forge-question.ts';
import type { IssueDocument } from '../../../workflows/domain/issue.ts';
import type { Settings } from '../../../workflows/domain/settings.ts';
import { createMemoryForge, type KeptIssue, type MemoryForge, type MemoryForgeInput } from './memory-forge.ts';
import { settingsFor } from '../git/registered-repository.ts';

const now = Date.UTC(2026, 10, 26);

/** Issues by number. */
export const numbers = (...all: readonly number[]): ByNumbers => ({ kind: 'numbers', numbers: all });
/** Open issues for which that holds. */
export const query = (facts: Partial<ByQuery> = {}): ByQuery => ({
  kind: 'query',
  labels: [],
  milestone: null,
  assignee: null,
  search: null,
  limit: null,
  ...facts,
});

/** What is asked of a forge. */
export interface Asked {
  readonly by: SelectRequest['by'];
  readonly trustAnyone?: boolean;
  readonly beside?: readonly number[];
}

/** What becomes of issues that a forge in memory has, as it was asked for. */
export async function select(input: MemoryForgeInput | MemoryForge, asked: Asked): Promise<Selected> {
  const { by, trustAnyone = false, beside = [] } = asked;
  const forge = 'asked' in input ? input : createMemoryForge(input);
  return selectIssues(forge, { settings: settings(), request: { by, trustAnyone, beside }, now });
}

/** The document of one issue. */
export async function only(issue: KeptIssue, facts: Partial<MemoryForgeInput> = {}): Promise<IssueDocument> {
  const { plan } = await select({ issues: { 42: issue }, ...facts }, { by: numbers(42) });
  return plan.issues[0]!;
}

function settings(): Settings {
  return {
    ...settingsFor('/shop'),
    forge: 'gitea',
    place: { url: 'http://127.0.0.1:1', owner: 'o', name: 'r' },
    issues: {
      exclude: ['wontfix', 'question'],
      inProgress: null,
      needsManualReview: null,
      priorities: { blocker: ['P0'], high: ['P1'], medium: [], low: ['low'] },
    },
  };
}

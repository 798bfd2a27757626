import { hasServer, type ForgeKind } from '../../workflows/domain/forge-facts.ts';
import { priorities, type Priority } from '../../workflows/domain/issue.ts';
import type { IssueRules } from '../../workflows/domain/settings.ts';
import type { Problem } from '../input/errors.ts';
import { quote } from '../input/text.ts';
import type { Source } from '../input/yaml.ts';
import type { Reading } from './reading.ts';
import type { WrittenConfig } from './schema.ts';

/** Labels from the forges' own templates that mean: leave this issue alone. */
const EXCLUDED = ['wontfix', 'duplicate', 'invalid', 'question', 'millrace:skip'] as const;

/** What repositories call their priorities. */
const PRIORITIES: IssueRules['priorities'] = {
  blocker: ['priority:blocker', 'priority/blocker', 'blocker', 'P0'],
  high: ['priority:high', 'priority/high', 'high', 'P1'],
  medium: ['priority:medium', 'priority/medium', 'P2'],
  low: ['priority:low', 'priority/low', 'low', 'P3'],
};

/** Labels that mean something to Millrace; null: the forge has no labels. One label with two meanings is a problem. */
export function resolveIssueRules({ written, source, problems }: Reading, forge: ForgeKind): IssueRules | null {
  if (!hasServer(forge)) return null;
  const { issues } = written;
  const { labels } = issues ?? {};
  const rules: IssueRules = {
    exclude: issues?.exclude ?? EXCLUDED,
    // An empty line switches the label off; only a missing line has the default.
    inProgress: labels?.inProgress === undefined ? 'millrace:in-progress' : labels.inProgress,
    needsManualReview:
      labels?.needsManualReview === undefined ? 'millrace:needs-manual-review' : labels.needsManualReview,
    priorities: prioritiesOf(issues?.priorities ?? {}),
  };
  problems.push(...priorities.flatMap((priority) => doubled(priority, rules, source)));
  return rules;
}

/** As written; a default gives up labels that the file uses for another priority. */
function prioritiesOf(
  written: NonNullable<NonNullable<WrittenConfig['issues']>['priorities']>,
): IssueRules['priorities'] {
  const taken = priorities.flatMap((priority) => written[priority] ?? []);
  const of = (priority: Priority) =>
    written[priority] ?? PRIORITIES[priority].filter((label) => !taken.some((its) => isSame(its, label)));
  return { blocker: of('blocker'), high: of('high'), medium: of('medium'), low: of('low') };
}

/** Labels of a priority that also stand for a more urgent one. */
function doubled(priority: Priority, rules: IssueRules, source: Source): readonly Problem[] {
  const above = priorities.slice(0, priorities.indexOf(priority));
  return rules.priorities[priority].flatMap((label, index): readonly Problem[] => {
    const other = above.find((each) => rules.priorities[each].some((its) => isSame(its, label)));
    if (other === undefined) return [];
    const what = `issues.priorities: ${quote(label)} means ${other} and ${priority}`;
    return [{ where: source.at(['issues', 'priorities', priority, index]), what, mend: 'keep it in one of the two' }];
  });
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

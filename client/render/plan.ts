import { roles } from '../../workflows/domain/settings.ts';
import type { PlanPreview, PreviewIssue } from '../plan/preview.ts';
import { table } from './table.ts';

/** Most ids in one cell: nobody reads a table with more. */
const SHOWN = 4;

/** What `--dry-run` prints: order, waves, what waits for what, and why; without a trailing newline. */
export function renderPlan(preview: PlanPreview, columns = Infinity): string {
  const { issues, skipped, waves, criticalPath, width, base, repository, place: forge, checks } = preview;
  const place = new Map(issues.map(({ id }, index) => [id, index]));
  const facts = [
    ['repository', repository.path],
    ['base', `${base.name} at ${base.commit.slice(0, 12)}`],
    ...(repository.remote === repository.path ? [] : [['pushes to', repository.remote]]),
    ...(forge ? [['forge', `${forge.owner}/${forge.name} at ${forge.url}`]] : []),
    ['landing', landingWords(preview)],
    ['width', `${width} at once`],
    ['profiles', roles.map((role) => `${role}: ${preview.roles[role].join(', then ')}`).join(' · ')],
    ['checks', checks.length > 0 ? checks.join(', ') : 'none'],
  ];
  const rows = issues.map((issue, index) => [
    String(index + 1),
    issue.id,
    issue.priority,
    String(issue.wave),
    waitWords(issue, place),
    issue.title,
  ]);
  const sections = [
    `Plan ${preview.name}: ${count(issues.length, 'issue')} to do, ${skipped.length} skipped, ${count(waves.length, 'wave')}`,
    table(['', ''], facts).split('\n').slice(2).join('\n'),
    issues.length > 0 ? table(['#', 'issue', 'priority', 'wave', 'waits for', 'title'], rows, columns) : '',
    "Of what can start, the more urgent goes first, then what the longest chain hangs on, then the plan's order.",
    waves.map((wave, index) => `wave ${index + 1}: ${list(wave, 20)}`).join('\n'),
    criticalPath.length > 1 ? `longest chain: ${chain(criticalPath)}` : '',
    skipped.map(({ id, reason }) => `skipped: ${id} (${reason})`).join('\n'),
    preview.notices.map((notice) => `note: ${notice}`).join('\n'),
    `Nothing was started: this is a dry run.`,
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function landingWords({ landing, base }: PlanPreview): string {
  switch (landing) {
    case 'none':
      return 'none: approved pull requests are left to a person';
    case 'auto-merge':
      return 'auto-merge: the forge merges when its checks are green';
    case 'merge':
      return `merge: merged into ${base.name} when its checks are green`;
    case 'direct':
      return `direct: approved work is merged into ${base.name} without a pull request`;
    case 'consolidated':
      return 'consolidated: one pull request for the batch';
  }
}

function waitWords({ id, waits, dependencies, neverBeside }: PreviewIssue, place: ReadonlyMap<string, number>): string {
  const done = dependencies.length > 0 ? [list(dependencies, SHOWN)] : [];
  // If two touch the same files, only the later one waits.
  const earlier = neverBeside.filter((other) => place.get(other)! < place.get(id)! && !dependencies.includes(other));
  const files = earlier.length > 0 ? [`${list(earlier, SHOWN)} (same files)`] : [];
  const met = earlier.length === 0 && waits.kind === 'files' ? [`${waits.with} (same files)`] : [];
  const slot = waits.kind === 'slot' ? ['a free slot'] : [];
  return [...done, ...files, ...met, ...slot].join('; ') || 'nothing';
}

function list(ids: readonly string[], shown: number): string {
  return ids.length > shown ? `${ids.slice(0, shown).join(', ')} and ${ids.length - shown} more` : ids.join(', ');
}

function chain(ids: readonly string[]): string {
  return ids.length > 20 ? `${ids.slice(0, 20).join(' -> ')} -> (${ids.length - 20} more)` : ids.join(' -> ');
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

import { filingOrder, type FiledIssue, type Filing } from '../../workflows/domain/plan/filing.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import type { ForgePlace } from '../../workflows/domain/settings.ts';
import { cleanLine } from '../../workflows/domain/words.ts';
import { table } from './table.ts';

/** What `issues create` would do, or did, as data. */
export interface FilingView {
  readonly version: 1;
  /** `https://github.com/acme/shop` */
  readonly repository: string;
  readonly dryRun: boolean;
  /** In the order of filing. */
  readonly tasks: readonly FilingTask[];
  /** Ids of completed tasks, which are not filed. */
  readonly completed: readonly string[];
  /** Why it stopped, and where; null: nothing is left to file. */
  readonly stopped: { readonly id: string | null; readonly why: string } | null;
}

/** One task of a plan on its way to the forge. */
export interface FilingTask {
  readonly id: string;
  readonly title: string;
  readonly labels: readonly string[];
  readonly dependencies: readonly string[];
  /** Number on the forge; null: it has none yet. */
  readonly issue: number | null;
  readonly url: string | null;
  readonly state: 'open' | 'closed' | null;
  readonly how: FiledIssue['how'] | 'to-file' | 'not-reached';
}

/** The view of a plan before it was filed (`filing` is null) or after. */
export function viewFiling(plan: PlanDocument, place: ForgePlace | undefined, filing: Filing | null): FilingView {
  const filed = new Map(filing?.issues.map((issue) => [issue.key, issue]));
  const open = plan.issues.filter(({ skip }) => skip === null);
  const stopped = filing?.stopped ?? null;
  return {
    version: 1,
    repository: place ? `${place.url}/${place.owner}/${place.name}` : '',
    dryRun: filing === null,
    tasks: filingOrder(open).map(({ id, key, title, labels, dependencies, number }): FilingTask => {
      const on = filed.get(key);
      const known = number === undefined ? null : 'known';
      return {
        id,
        title,
        labels,
        dependencies,
        issue: on?.number ?? number ?? null,
        url: on?.url ?? null,
        state: on?.state ?? null,
        how: on?.how ?? known ?? (filing === null ? 'to-file' : 'not-reached'),
      };
    }),
    completed: plan.issues.flatMap(({ id, skip }) => (skip === null ? [] : [id])),
    stopped: stopped && { id: open.find(({ key }) => key === stopped.key)?.id ?? null, why: stopped.why },
  };
}

/** The view as text, without a trailing newline. */
export function renderFiling(view: FilingView, columns = Infinity): string {
  const { tasks, completed, stopped, dryRun } = view;
  const rows = tasks.map(({ id, issue, how, state, labels, dependencies, title }) => [
    id,
    issue === null ? '-' : `#${issue}`,
    state === 'closed' ? `${words[how]}, closed` : words[how],
    dependencies.join(', ') || '-',
    labels.join(', ') || '-',
    title,
  ]);
  const count = (...hows: readonly FilingTask['how'][]) => tasks.filter(({ how }) => hows.includes(how)).length;
  const sums = [
    ...(dryRun ? [`${count('to-file')} to file`] : [`${count('filed')} filed`, `${count('adopted')} found again`]),
    `${count('known')} in the plan before`,
    ...(count('not-reached') > 0 ? [`${count('not-reached')} not reached`] : []),
    ...(completed.length > 0 ? [`${completed.length} completed`] : []),
  ];
  return [
    `${view.repository}: ${sums.join(', ')}`,
    table(['task', 'issue', 'state', 'depends on', 'labels', 'title'], rows, columns),
    ...(stopped ? [`stopped${stopped.id === null ? '' : ` at ${stopped.id}`}: ${cleanLine(stopped.why, 1000)}`] : []),
    ...(dryRun ? ['Nothing was filed: this is a dry run.'] : []),
  ].join('\n\n');
}

const words: Readonly<Record<FilingTask['how'], string>> = {
  filed: 'filed',
  adopted: 'found again',
  known: 'in the plan',
  'to-file': 'to file',
  'not-reached': 'not reached',
};

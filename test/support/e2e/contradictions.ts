import { readdir } from 'node:fs/promises';
import { pullRecord, statusRecord, type PullRecord } from '../../../activities/forges/local/schema.ts';
import { reviewContext } from '../../../workflows/domain/review.ts';
import { listProcesses, processesBelow } from '../../../activities/process/table.ts';
import { createRecords } from '../../../activities/forges/local/records.ts';
import type { BatchView } from '../../../client/batch/view.ts';
import type { IssueView } from '../../../client/issue/view.ts';
import { stateLayout, type RepositoryLayout } from '../../../workflows/domain/host/layout.ts';
import { agentRuns, type AgentRun } from './agent-log.ts';
import type { Home } from './e2e.ts';
import type { Project } from './project.ts';
import { git } from '../git/user-repository.ts';

/** What a settled batch claims, beside all that lies on disk. */
export interface Settlement {
  readonly home: Pick<Home, 'state'>;
  readonly project: Project;
  readonly view: BatchView;
}

/** Sentences that say where the batch's words and the facts disagree; empty: they agree. */
export async function contradictions({ home, project, view }: Settlement): Promise<readonly string[]> {
  const layout = stateLayout(home.state).repository(view.repo);
  const pulls = await pullsOf(layout);
  const worktrees: readonly string[] = await readdir(layout.worktrees).catch(() => []);
  const found: string[] = [];
  const must = (holds: boolean, sentence: string) => void (holds || found.push(sentence));

  for (const issue of view.issues) {
    const own = pulls.filter((pull) => pull.issue.key === issue.key);
    must(own.filter((pull) => pull.state === 'open').length <= 1, `${issue.id} has several open pull requests`);
    must((await branchesOf(project, issue)) <= 1, `${issue.id} has several branches`);
    const waits = issue.outcome === 'needs-manual-review';
    must(waits === worktrees.includes(issue.key), `${issue.id} is ${issue.outcome}, worktrees: ${worktrees.join(' ')}`);
    if (issue.ref !== null) must(await keeps(layout, issue.ref), `${issue.ref} is not in the mirror`);
    if (issue.outcome === 'approved') found.push(...(await approvedWithoutWork({ project, layout, issue, own })));
    if (issue.outcome === 'landed') found.push(...(await landedWithoutWork({ project, layout, issue, own })));
  }
  const reviews = worktrees.filter((name) => name.endsWith('.review'));
  must(reviews.length === 0, `worktrees of reviews are left: ${reviews.join(' ')}`);
  const left = processesBelow(layout.worktrees, listProcesses());
  must(left.length === 0, `processes work in worktrees: ${left.map(({ pid }) => pid).join(' ')}`);
  return [...found, ...rivals(agentRuns(project.log))];
}

interface Claimed {
  readonly project: Project;
  readonly layout: RepositoryLayout;
  readonly issue: IssueView;
  readonly own: readonly PullRecord[];
}

async function approvedWithoutWork({ project, layout, issue, own }: Claimed): Promise<readonly string[]> {
  const pull = own.find((each) => each.number === issue.pullRequest);
  const tip = issue.branch === null ? null : await project.tip(`refs/heads/${issue.branch}`);
  return [
    ...(pull?.state === 'open' ? [] : [`the pull request of ${issue.id} is ${pull?.state ?? 'missing'}`]),
    ...(issue.sha !== null && issue.sha === tip ? [] : [`${issue.branch} is at ${tip}, the approved sha ${issue.sha}`]),
    ...((await isApproved(layout, issue.sha)) ? [] : [`nobody approved ${issue.sha} of ${issue.id}`]),
  ];
}

async function landedWithoutWork({ project, layout, issue, own }: Claimed): Promise<readonly string[]> {
  const work = issue.ref === null ? null : await git(layout.mirror, 'rev-parse', '--verify', issue.ref);
  const open = own.filter((pull) => pull.state === 'open').map((pull) => `#${pull.number} of a landed issue is open`);
  const isIn = async (sha: string | null) =>
    sha !== null &&
    (await project.git('merge-base', '--is-ancestor', sha, 'main').then(
      () => true,
      () => false,
    ));
  return [
    ...open,
    ...((await isIn(work)) ? [] : [`main has not the work of ${issue.id} (${work})`]),
    ...((await isIn(issue.sha)) ? [] : [`main has not ${issue.sha}, as which ${issue.id} landed`]),
    ...((await isApproved(layout, work)) ? [] : [`${issue.id} landed ${work}, which nobody approved`]),
  ];
}

/** Two agents of one issue at the same time, or one attempt in two sessions. */
function rivals(runs: readonly AgentRun[]): readonly string[] {
  return runs.flatMap((run, index) =>
    runs.slice(0, index).flatMap((earlier) => {
      if (earlier.issue !== run.issue) return [];
      const overlap = earlier.end !== null && earlier.end > run.start ? [`two agents of ${run.issue} at once`] : [];
      const strange = earlier.attempt === run.attempt && earlier.session !== run.session;
      return strange ? [...overlap, `attempt ${run.attempt} of ${run.issue} had two sessions`] : overlap;
    }),
  );
}

async function pullsOf(layout: RepositoryLayout): Promise<readonly PullRecord[]> {
  const records = createRecords(layout.forge);
  const names = await records.list('pulls');
  const pulls = await Promise.all(names.map((name) => records.read(`pulls/${name}`, pullRecord)));
  return pulls.filter((pull) => pull !== null);
}

async function branchesOf(project: Project, issue: IssueView): Promise<number> {
  const branches = await project.git('branch', '--list', '--format=%(refname)', `millrace/${issue.key}-*`);
  return branches.split('\n').filter(Boolean).length;
}

async function keeps(layout: RepositoryLayout, ref: string): Promise<boolean> {
  return git(layout.mirror, 'rev-parse', '--verify', '--quiet', ref).then(
    () => true,
    () => false,
  );
}

async function isApproved(layout: RepositoryLayout, sha: string | null): Promise<boolean> {
  const record = sha === null ? null : await createRecords(layout.forge).read(`statuses/${sha}`, statusRecord);
  return record?.statuses.some(({ context, state }) => context === reviewContext && state === 'success') ?? false;
}

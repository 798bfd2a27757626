import type { BatchView } from '../../../client/batch/view.ts';
import type { OutcomeKind } from '../../../workflows/domain/outcome.ts';
import type { Execution, Facts } from './facts.ts';

/** An invariant that does not hold: which, for which issue, and how one sees it. */
export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I7' | 'I8';
  /** Key of the issue; null: of the whole batch. */
  readonly issue: string | null;
  readonly evidence: string;
}

/** What the batch was asked for. */
export interface Expected {
  readonly base: string;
  /** Tip of the base before the batch. */
  readonly start: string;
  readonly rounds: number;
  readonly outcomes: Readonly<Record<string, OutcomeKind>>;
  /** Commits that agents told of, by issue: each was in a worktree of ours, so none may be lost. */
  readonly commits: ReadonlyMap<string, readonly string[]>;
  /** What `report --json` printed. */
  readonly report: BatchView;
}

/** The context of the status that stands for our review. */
const reviewContext = 'millrace/review';

/** Judges a batch that has come to rest; an empty list is a pass. */
export function findViolations(facts: Facts, expected: Expected): readonly Violation[] {
  return [
    ...onePullRequest(facts, expected),
    ...noLostCommit(facts, expected),
    ...noOrphan(facts, expected),
    ...oneOutcome(facts, expected),
    ...onlyOurRefs(facts, expected),
    ...withinLimits(facts, expected),
    ...reportIsTrue(facts, expected),
  ];
}

/** I1: one live pull request and one branch an issue; landed once at most; each review posted once. */
function onePullRequest({ pulls, origin }: Facts, { outcomes, base, start }: Expected): readonly Violation[] {
  const bad: Violation[] = [];
  const merges = mergesOn(origin, { base, start });
  for (const issue of Object.keys(outcomes)) {
    const own = pulls.filter((pull) => pull.issue.key === issue);
    const live = own.filter((pull) => pull.state !== 'closed');
    const found = (evidence: string) => bad.push({ invariant: 'I1', issue, evidence });
    if (own.length > 1 || live.length > 1) found(`pull requests ${own.map((pull) => `#${pull.number}`).join(', ')}`);
    const branches = [...origin.refs.keys()].filter((ref) => isBranchOf(ref, issue, outcomes));
    if (branches.length > 1) found(`branches ${branches.join(', ')}`);
    for (const { number, reviews } of own) {
      const posted = reviews.map((review) => review.key);
      if (new Set(posted).size < posted.length) found(`#${number} has a review twice: ${posted.join(', ')}`);
    }
    const heads = new Set(branches.map((ref) => origin.refs.get(ref)));
    const landings = merges.filter(({ head }) => head !== null && heads.has(head));
    if (landings.length > 1) found(`landed ${landings.length} times: ${landings.map(({ sha }) => sha).join(', ')}`);
  }
  return bad;
}

/** I2: whatever a workflow was told of, a journal names or an agent committed is on a private ref or on the remote. */
function noLostCommit({ executions, attempts, mirror, origin }: Facts, { commits }: Expected): readonly Violation[] {
  const kept = new Set([...mirror.reach('refs/millrace/'), ...origin.reach('refs/')]);
  const told = [
    ...executions.flatMap(({ key, acknowledged }) => acknowledged.map(({ head }) => ['acknowledged', key, head])),
    ...attempts.flatMap(({ key, journal }) => (journal.committed ? [['journalled', key, journal.committed.head]] : [])),
    ...[...commits].flatMap(([key, shas]) => shas.map((sha) => ['made by the agent', key, sha])),
  ] as [string, string, string][];
  return told
    .filter(([, , sha]) => !kept.has(sha))
    .map(([how, issue, sha]) => ({ invariant: 'I2', issue, evidence: `${sha}, ${how}, is on no ref` }));
}

/** I3: nothing of an issue that is over is left, but the worktree of one that a person is asked to look at. */
function noOrphan({ leftovers }: Facts, { outcomes }: Expected): readonly Violation[] {
  const kept = (key: string | null) => key !== null && outcomes[key] === 'needs-manual-review';
  return leftovers
    .filter(({ what, key }) => !((what === 'worktree' || what === 'entry') && kept(key)))
    .map(({ what, where, key }) => ({ invariant: 'I3', issue: key, evidence: `${what} ${where} is left` }));
}

/** I4: one outcome an issue, as scripted, with a reason; an approval stands on the work and nothing else. */
function oneOutcome(facts: Facts, expected: Expected): readonly Violation[] {
  return Object.entries(expected.outcomes).flatMap(([issue, kind]) => {
    const found = (evidence: string): Violation => ({ invariant: 'I4', issue, evidence });
    const runs = facts.executions.filter((run) => run.key === issue);
    const [run] = runs;
    if (!run || runs.length > 1) return [found(`${runs.length} runs of its workflow`)];
    if (kind === 'needs-manual-review') return run.status === 'RUNNING' ? [] : [found(`it is ${run.status}`)];
    const { outcome } = run;
    if (run.status !== 'COMPLETED' || !outcome) return [found(`its workflow is ${run.status}`)];
    if (outcome.kind !== kind) return [found(`${outcome.kind} instead of ${kind}: ${outcome.reason}`)];
    if (outcome.reason === '') return [found(`${kind} without a reason`)];
    return standsOnWork(facts, expected, run).map(found);
  });
}

/** Why an approved or landed issue does not stand on its work; nothing: it does. */
function standsOnWork({ origin, pulls, successes }: Facts, expected: Expected, run: Execution): readonly string[] {
  const { key, outcome } = run;
  if (outcome?.kind !== 'approved' && outcome?.kind !== 'landed') return [];
  const head = origin.refs.get(`refs/heads/${outcome.branch}`);
  if (head === undefined) return [`${outcome.branch} is not on the remote`];
  const problems: string[] = [];
  if (!successes.get(head)?.includes(reviewContext)) problems.push(`${head} carries no approval`);
  const within = new Set(origin.git('rev-list', `${expected.start}..${head}`).split('\n'));
  for (const sha of expected.commits.get(key) ?? [])
    if (!within.has(sha)) problems.push(`${head} was approved without ${sha}, which its agent made`);
  if (run.acknowledged.findLast(({ end }) => end.kind === 'worked')?.head !== head)
    problems.push(`${head} is not the work that its last attempt reported`);
  if (outcome.kind === 'approved') {
    if (outcome.sha !== head) problems.push(`approved at ${outcome.sha}, but ${outcome.branch} is at ${head}`);
    const pull = pulls.find(({ number }) => number === outcome.pullRequest);
    if (pull?.state !== 'open' || pull.branch !== outcome.branch) problems.push('its pull request is not open');
    const approved = pull?.reviews.some(({ sha, verdict }) => sha === head && verdict === 'approved');
    if (!approved) problems.push(`#${pull?.number} has no approving review of ${head}`);
  } else if (!origin.reach(`refs/heads/${expected.base}`).has(head)) {
    problems.push(`landed, but ${expected.base} does not contain ${head}`);
  }
  return problems;
}

/** I5: besides our branches only the base moved, and only by merges of work that was approved. */
function onlyOurRefs({ origin, successes }: Facts, { base, start }: Expected): readonly Violation[] {
  const foreign = [...origin.refs.keys()].filter(
    (ref) => !ref.startsWith('refs/heads/millrace/') && ref !== `refs/heads/${base}`,
  );
  const wrong = mergesOn(origin, { base, start }).filter(
    ({ head }) => head === null || !successes.get(head)?.includes(reviewContext),
  );
  return [
    ...foreign.map((ref) => `${ref} was made on the remote`),
    ...wrong.map(({ sha, head }) => `${base} moved to ${sha}, which merges ${head ?? 'nothing'}: not approved work`),
  ].map((evidence) => ({ invariant: 'I5', issue: null, evidence }));
}

/** I7: rounds within the policy. */
function withinLimits({ executions }: Facts, { rounds }: Expected): readonly Violation[] {
  return executions
    .filter(({ outcome }) => outcome !== null && outcome.rounds > rounds)
    .map(({ key, outcome }) => ({ invariant: 'I7', issue: key, evidence: `${outcome?.rounds} rounds of ${rounds}` }));
}

/** I8: each line of the report against what the forge says. */
function reportIsTrue({ pulls, origin }: Facts, { outcomes, report, base }: Expected): readonly Violation[] {
  return Object.keys(outcomes).flatMap((issue) => {
    const found = (evidence: string): Violation => ({ invariant: 'I8', issue, evidence });
    const line = report.issues.find((each) => each.key === issue);
    if (!line) return [found('not in the report')];
    if (line.outcome !== outcomes[issue]) return [found(`reported as ${line.outcome ?? line.stage}`)];
    const pull = pulls.find((each) => each.issue.key === issue);
    const number = pull?.number ?? null;
    if (line.pullRequest !== number)
      return [found(`reported with #${line.pullRequest}, the forge has ${number === null ? 'none' : `#${number}`}`)];
    if (line.outcome === 'approved' && line.sha !== origin.refs.get(`refs/heads/${line.branch}`))
      return [found(`reported at ${line.sha}, which is not the tip of ${line.branch}`)];
    if (line.outcome === 'landed' && !origin.reach(`refs/heads/${base}`).has(line.sha ?? ''))
      return [found(`reported as landed at ${line.sha}, which ${base} does not contain`)];
    return [];
  });
}

interface Landing {
  readonly sha: string;
  /** What it brought in; null: it is no merge of one thing. */
  readonly head: string | null;
}

function mergesOn(origin: Facts['origin'], { base, start }: { base: string; start: string }): readonly Landing[] {
  const listing = origin.git('rev-list', '--first-parent', '--parents', `${start}..refs/heads/${base}`);
  return listing
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [sha = '', , head = null, ...more] = line.split(' ');
      return { sha, head: more.length === 0 ? head : null };
    });
}

/** `millrace/a-...` belongs to `a`, unless there is an issue `a-...` too: the longest key wins. */
function isBranchOf(ref: string, issue: string, outcomes: Expected['outcomes']): boolean {
  const name = ref.replace('refs/heads/millrace/', '');
  if (name === ref) return false;
  const fits = (key: string) => name === key || name.startsWith(`${key}-`);
  return fits(issue) && !Object.keys(outcomes).some((key) => key.length > issue.length && fits(key));
}

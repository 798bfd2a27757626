import { pullsOf } from './pull.ts';
import type { AccountRecord, CheckRecord, StatusRecord } from './state.ts';
import type { CiResult, World } from './world.ts';

/** Sets a status as an account would. */
export function addStatus(world: World, status: Omit<StatusRecord, 'id' | 'createdAt'>): StatusRecord {
  const made = { ...status, id: world.nextId(), createdAt: world.now() };
  world.state.statuses.push(made);
  return made;
}

/** One start of CI on a commit; `again`: of one check alone. */
export interface Start {
  readonly branch: string;
  readonly sha: string;
  readonly again?: CheckRecord;
}

/** Asks the test how the checks of a push end, and records it. */
export async function runCi(world: World, { branch, sha, again }: Start): Promise<void> {
  const attempt = (again?.attempt ?? 0) + 1;
  const results = await world.ci({ branch, sha, attempt, read: (path) => read(world, sha, path) });
  const run = again?.run ?? world.nextId();
  for (const result of results) {
    if (again === undefined || again.name === result.name) record(world, result, { branch, sha, run, attempt });
  }
}

function record(
  world: World,
  result: CiResult,
  at: { readonly branch: string | null; readonly sha: string; readonly run: number; readonly attempt: number },
): void {
  const { name, conclusion, log = '', by = 'actions' } = result;
  if (by === 'status') {
    const state = conclusion === null ? 'pending' : conclusion === 'success' ? 'success' : 'failure';
    const creator = world.accounts[0] as AccountRecord;
    addStatus(world, { sha: at.sha, context: name, state, description: null, url: null, creator });
    return;
  }
  const app = by === 'app' ? 'other-app' : 'github-actions';
  world.state.checks.push({ ...at, id: world.nextId(), name, app, conclusion, log, startedAt: world.now() });
}

/** Sets one check of a commit by hand: ends the pending one of that name, or adds one. */
export function conclude(world: World, sha: string, result: CiResult): void {
  const known = world.state.checks.findLast((each) => each.sha === sha && each.name === result.name);
  if (known === undefined || known.conclusion !== null || result.by === 'status') {
    record(world, result, { branch: null, sha, run: world.nextId(), attempt: 1 });
    return;
  }
  known.conclusion = result.conclusion;
  known.log = result.log ?? known.log;
}

async function read(world: World, sha: string, path: string): Promise<string | null> {
  const { exitCode, stdout } = await world.remote.git.ask(['cat-file', 'blob', `${sha}:${path}`]);
  return exitCode === 0 ? stdout : null;
}

/** Starts CI for every head that was pushed or has a pull request, once each. True: it started something. */
export async function startCi(world: World): Promise<boolean> {
  const heads = pullsOf(world)
    .filter((each) => each.state === 'open')
    .map(({ pull }) => ({ branch: pull.branch, sha: pull.head }));
  const isNew = ({ sha }: { readonly sha: string }) => !world.state.started.has(sha);
  const due = [...world.state.pushed.splice(0), ...heads].filter(isNew);
  for (const push of due.filter(isNew)) {
    world.state.started.add(push.sha);
    await runCi(world, push);
  }
  return due.length > 0;
}

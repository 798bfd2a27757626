import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { Journal } from '../../../activities/attempt/journal.ts';
import { listProcesses, processesBelow } from '../../../activities/process/table.ts';
import type { AttemptResult } from '../../../workflows/domain/attempt.ts';
import { stateLayout, type RepositoryLayout } from '../../../workflows/domain/host/layout.ts';
import type { Outcome } from '../../../workflows/domain/outcome.ts';

/** One batch, and where all that it touched lies. */
export interface Scene {
  readonly client: Client;
  readonly stateRoot: string;
  /** Bare repository that branches and landings went to. */
  readonly origin: string;
  readonly base: string;
  /** Tip of the base before the batch. */
  readonly start: string;
}

/** What is really there, read from Temporal, git, the forge's files and the process table; our own reports take no part. */
export interface Facts {
  readonly executions: readonly Execution[];
  readonly pulls: readonly Pull[];
  /** Contexts that stand at success, by commit. */
  readonly successes: ReadonlyMap<string, readonly string[]>;
  readonly mirror: Repository;
  readonly origin: Repository;
  readonly attempts: readonly Attempt[];
  readonly leftovers: readonly Leftover[];
}

/** One run of an issue's workflow. */
export interface Execution {
  readonly key: string;
  readonly status: string;
  readonly outcome: Outcome | null;
  /** What completed activities told the workflow of work that is kept. */
  readonly acknowledged: readonly AttemptResult[];
}

/** A pull request's file, as far as it is looked at. */
export interface Pull {
  readonly number: number;
  readonly issue: { readonly key: string };
  readonly branch: string;
  readonly head: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly reviews: readonly { readonly key: string; readonly sha: string; readonly verdict: string }[];
}

/** An attempt's own journal. */
export interface Attempt {
  readonly key: string;
  readonly attempt: number;
  readonly journal: Journal;
}

export interface Leftover {
  readonly what: 'process' | 'worktree' | 'entry' | 'lock' | 'note' | 'trash';
  readonly where: string;
  /** Issue whose it is; null: nobody's in particular. */
  readonly key: string | null;
}

/** A bare repository's refs and what they reach. */
export interface Repository {
  readonly refs: ReadonlyMap<string, string>;
  /** All commits that the refs with this prefix reach. */
  reach(prefix: string): ReadonlySet<string>;
  git(...args: readonly string[]): string;
}

/** Reads all of it. */
export async function gatherFacts(scene: Scene): Promise<Facts> {
  const layout = layoutOf(scene.stateRoot);
  return {
    executions: await readExecutions(scene.client),
    pulls: readRecords<Pull>(join(layout.forge, 'pulls')),
    successes: readSuccesses(join(layout.forge, 'statuses')),
    mirror: readRepository(layout.mirror),
    origin: readRepository(scene.origin),
    attempts: readAttempts(layout),
    leftovers: readLeftovers(scene.stateRoot, layout),
  };
}

/** Places of the one repository that a state folder knows. */
export function layoutOf(stateRoot: string): RepositoryLayout {
  const { repositories, repository } = stateLayout(stateRoot);
  const [key, ...others] = namesIn(repositories);
  if (key === undefined || others.length > 0) throw new Error(`one repository was expected in ${repositories}`);
  return repository(key);
}

/** The journals of all attempts. */
export function readAttempts(layout: RepositoryLayout): readonly Attempt[] {
  const root = join(layout.root, 'attempts');
  return namesIn(root).flatMap((key) =>
    namesIn(join(root, key)).flatMap((name) => {
      const path = join(root, key, name, 'journal.json');
      if (!existsSync(path)) return [];
      return [{ key, attempt: Number(name), journal: JSON.parse(readFileSync(path, 'utf8')) as Journal }];
    }),
  );
}

/** Names in a folder; none where there is no folder. */
export function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function readExecutions(client: Client): Promise<readonly Execution[]> {
  const executions: Execution[] = [];
  for await (const info of client.workflow.list({ query: `WorkflowType = 'issueWorkflow'` })) {
    const handle = client.workflow.getHandle(info.workflowId, info.runId);
    const { events } = await handle.fetchHistory();
    const scheduled = new Map<string, string>();
    const acknowledged: AttemptResult[] = [];
    for (const event of events ?? []) {
      const type = event.activityTaskScheduledEventAttributes?.activityType?.name;
      if (type) scheduled.set(String(event.eventId), type);
      const done = event.activityTaskCompletedEventAttributes;
      if (done && scheduled.get(String(done.scheduledEventId)) === 'runAgent')
        acknowledged.push(valueOf<AttemptResult>(done.result?.payloads?.[0]));
    }
    const result = events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0];
    const key = info.workflowId.split(':').at(-1) ?? '';
    executions.push({ key, status: info.status.name, outcome: result ? valueOf<Outcome>(result) : null, acknowledged });
  }
  return executions;
}

function valueOf<T>(payload: Payload | null | undefined): T {
  if (!payload) throw new Error('an activity that completed told nothing');
  return defaultPayloadConverter.fromPayload<T>(payload);
}

function readRecords<T>(folder: string): readonly T[] {
  const names = namesIn(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T);
}

interface StatusRecord {
  readonly sha: string;
  readonly statuses: readonly { readonly context: string; readonly state: string }[];
}

function readSuccesses(folder: string): ReadonlyMap<string, readonly string[]> {
  const good = ({ sha, statuses }: StatusRecord) => {
    return [sha, statuses.filter((each) => each.state === 'success').map((each) => each.context)] as const;
  };
  return new Map(readRecords<StatusRecord>(folder).map(good));
}

function readRepository(dir: string): Repository {
  const git = (...args: readonly string[]) =>
    execFileSync('git', [`--git-dir=${dir}`, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).trim();
  const lines = git('for-each-ref', '--format=%(refname) %(objectname)').split('\n').filter(Boolean);
  const refs = new Map(lines.map((line) => line.split(' ') as [string, string]));
  const reached = new Map<string, ReadonlySet<string>>();
  const walk = (prefix: string) => {
    const tips = [...refs].filter(([name]) => name.startsWith(prefix)).map(([, sha]) => sha);
    return new Set(tips.length === 0 ? [] : git('rev-list', ...new Set(tips)).split('\n'));
  };
  const reach = (prefix: string) => {
    const known = reached.get(prefix) ?? walk(prefix);
    reached.set(prefix, known);
    return known;
  };
  return { refs, reach, git };
}

function readLeftovers(stateRoot: string, layout: RepositoryLayout): readonly Leftover[] {
  const inFolder = (what: Leftover['what'], folder: string, keyed: boolean) =>
    namesIn(folder).map((name) => {
      return { what, where: join(folder, name), key: keyed ? name.replace(/\.review$/, '') : null };
    });
  const locks = [layout.mirror, layout.agents].flatMap((repository) =>
    (readdirSync(repository, { recursive: true }) as string[])
      .filter((name) => name.endsWith('.lock'))
      .map((name) => ({ what: 'lock' as const, where: join(repository, name), key: null })),
  );
  const processes = processesBelow(layout.root, listProcesses());
  return [
    ...processes.map(({ pid }) => ({ what: 'process' as const, where: String(pid), key: null })),
    ...inFolder('worktree', layout.worktrees, true),
    ...inFolder('entry', join(layout.agents, 'worktrees'), true),
    ...inFolder('note', stateLayout(stateRoot).inflight, false),
    ...inFolder('trash', layout.trash, false),
    ...locks,
  ];
}

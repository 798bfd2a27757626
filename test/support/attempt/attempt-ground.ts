import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createRepositories, type Repository } from '../../../activities/repository/repository.ts';
import { createArtifactStore } from '../../../activities/repository/artifact.ts';
import { openMirror } from '../../../activities/git/mirror.ts';
import { trashEmptied } from '../../../activities/worktree/trash.ts';
import type { AttemptInput } from '../../../workflows/domain/attempt.ts';
import type { IssueDocument } from '../../../workflows/domain/issue.ts';
import { stateLayout } from '../../../workflows/domain/host/layout.ts';
import { noBudgets, type Check, type Profile, type Settings } from '../../../workflows/domain/settings.ts';

/** A state folder with one registered repository, one issue, and its base in the mirror: a ground for activities. */
export interface Ground {
  readonly root: string;
  readonly state: string;
  readonly repository: Repository;
  readonly repositories: ReturnType<typeof createRepositories>;
  /** Runs git in the origin; standard output. */
  git(...args: readonly string[]): Promise<string>;
  /** Runs git in the mirror, where all work is kept; standard output. */
  kept(...args: readonly string[]): Promise<string>;
  /** Brings the newest base into the mirror. */
  fetch(): Promise<string>;
  input(change?: Partial<AttemptInput>): AttemptInput;
  remove(): Promise<void>;
}

export interface GroundOptions {
  readonly run?: readonly string[];
  readonly limits?: Partial<Profile['limits']>;
  readonly agent?: Profile['agent'];
  readonly checks?: readonly Check[];
  readonly env?: readonly string[];
}

const issue: IssueDocument = {
  id: '42',
  key: '42',
  title: 'Greet politely',
  priority: 'high',
  dependencies: [],
  files: ['greeting.txt'],
  body: 'The greeting should say **hello**.',
  labels: ['docs'],
  skip: null,
  textHash: 'unused',
};

/** Makes a ground in a temporary folder; the profile `script` runs the given program. */
export async function createGround(options: GroundOptions = {}): Promise<Ground> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-ground-')));
  const origin = join(root, 'origin');
  mkdirSync(origin);
  const git = gitIn(origin);
  await git('init', '-q', '-b', 'main');
  await git('config', 'user.name', 'somebody');
  await git('config', 'user.email', 'somebody@localhost');
  writeFileSync(join(origin, 'greeting.txt'), 'hi\n');
  await git('add', 'greeting.txt');
  await git('commit', '-qm', 'first');
  const sha = await git('rev-parse', 'HEAD');

  const state = join(root, 'state');
  const artifacts = createArtifactStore(stateLayout(state).repository('demo'));
  const settings = (await artifacts.put(settingsOf(origin, options))).sha256;
  const plan = (await artifacts.put({ version: 1, name: 'plan', issues: [issue] })).sha256;
  const ref = { repo: 'demo', settings, plan, batch: 'night', id: '42', key: '42' };
  const repositories = createRepositories(state);
  const repository = await repositories.open(ref);
  const fetch = async () => (await openMirror(repository)).fetchBase();
  await fetch();
  return {
    root,
    state,
    repositories,
    repository,
    git,
    kept: gitIn(repository.layout.mirror),
    fetch,
    input: (change = {}) => ({
      version: 1,
      issue: ref,
      role: 'implement',
      profile: 'script',
      attempt: 1,
      round: 0,
      session: { id: 'session-1', resumed: false },
      base: { branch: 'main', sha, start: sha },
      branch: 'millrace/42-greet-politely',
      head: sha,
      ask: { kind: 'implement' },
      message: null,
      ...change,
    }),
    async remove() {
      await trashEmptied();
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

function settingsOf(path: string, { run, limits, agent, checks, env }: GroundOptions): Settings {
  const script: Profile = {
    name: 'script',
    agent: agent ?? 'command',
    model: null,
    run: run ?? ['true'],
    args: [],
    env: env ?? [],
    limits: { wallMs: 30_000, idleMs: 30_000, turns: null, costUsd: null, tokens: null, ...limits },
    fallback: null,
  };
  const all = ['script'];
  return {
    version: 1,
    repository: { key: 'demo', path, remote: path, base: 'main' },
    forge: 'local',
    profiles: { script },
    roles: { implement: all, fix: all, review: all, resolve: all, triage: all },
    checks: checks ?? [],
    worktree: { setup: [], copy: [] },
    review: { rounds: 3 },
    landing: 'none',
    batch: { width: 2 },
    budgets: noBudgets,
    prices: {},
    prompts: {},
    sandbox: 'off',
  };
}

function gitIn(folder: string) {
  return async (...args: readonly string[]): Promise<string> => (await execa('git', args, { cwd: folder })).stdout;
}

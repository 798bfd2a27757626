import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createArtifactStore } from '../../../activities/repository/artifact.ts';
import type { Repository } from '../../../activities/repository/repository.ts';
import { trashEmptied } from '../../../activities/worktree/trash.ts';
import { repositoryLayout } from '../../../workflows/domain/host/layout.ts';
import { noBudgets, type Settings } from '../../../workflows/domain/settings.ts';

/** A real repository of a user, its bare origin, and the state that millrace keeps of it; all in one temporary folder. */
export interface TestRepository {
  readonly root: string;
  /** The user's own clone, `main` checked out. */
  readonly user: string;
  readonly origin: string;
  readonly repository: Repository;
  /** First commit of `main`. */
  readonly base: string;
  /** Commits files on `main` of the clone and pushes them to the origin; answers with the sha. */
  readonly advance: (files: Readonly<Record<string, string>>) => string;
  readonly remove: () => Promise<void>;
}

export interface TestRepositoryOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Where millrace pushes: the bare origin, or the clone itself. */
  readonly remote?: 'origin' | 'clone';
  readonly copy?: readonly string[];
  readonly checks?: Settings['checks'];
}

/** Makes one; `remove` it at the end. */
export function makeRepository(options: TestRepositoryOptions = {}): TestRepository {
  const root = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  const [user, origin] = [join(root, 'user'), join(root, 'origin.git')];
  git(root, 'init', '--quiet', '--bare', '--initial-branch=main', origin);
  git(root, 'init', '--quiet', '--initial-branch=main', user);
  git(user, 'remote', 'add', 'origin', origin);
  const advance = (files: Readonly<Record<string, string>>) => {
    write(user, files);
    git(user, 'add', '--all');
    git(user, 'commit', '--quiet', '--allow-empty', '--message', `change ${Object.keys(files).join(' ')}`.trim());
    git(user, 'push', '--quiet', 'origin', 'main');
    return git(user, 'rev-parse', 'HEAD');
  };
  const base = advance(options.files ?? { 'README.md': '# Test\n', 'src/a.txt': 'a\n', 'src/b.txt': 'b\n' });
  const layout = repositoryLayout(join(root, 'state', 'repositories', 'test'));
  const remote = options.remote === 'clone' ? user : origin;
  const settings = settingsOf({ user, remote, copy: options.copy ?? [], checks: options.checks ?? [] });
  const repository = { key: 'test', settings, layout, artifacts: createArtifactStore(layout) };
  const remove = async () => {
    await trashEmptied();
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  return { root, user, origin, repository, base, advance, remove };
}

/** Runs git as a person or an agent would, with an identity and nothing of this machine's configuration. */
export function git(cwd: string, ...args: readonly string[]): string {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'test',
    GIT_AUTHOR_EMAIL: 'test@example.org',
    GIT_COMMITTER_NAME: 'test',
    GIT_COMMITTER_EMAIL: 'test@example.org',
  };
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Writes files below a folder, their folders too. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function settingsOf(
  given: { user: string; remote: string } & Required<Pick<TestRepositoryOptions, 'copy' | 'checks'>>,
): Settings {
  const limits = { wallMs: 60_000, idleMs: 10_000, turns: null, costUsd: null, tokens: null };
  const script = {
    name: 'script',
    agent: 'command',
    model: null,
    run: ['true'],
    args: [],
    env: [],
    limits,
    fallback: null,
  } as const;
  const roles = { implement: ['script'], fix: ['script'], review: ['script'], resolve: ['script'], triage: ['script'] };
  return {
    version: 1,
    repository: { key: 'test', path: given.user, remote: given.remote, base: 'main' },
    forge: 'local',
    profiles: { script },
    roles,
    checks: given.checks,
    worktree: { setup: [], copy: given.copy },
    review: { rounds: 3 },
    landing: 'none',
    batch: { width: 4 },
    budgets: noBudgets,
    prices: {},
    prompts: {},
    sandbox: 'auto',
  };
}

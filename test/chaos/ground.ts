import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutcomeKind } from '../../workflows/domain/outcome.ts';
import type { Landing } from '../../workflows/domain/settings.ts';

/** What an issue's agent does (see `program.mjs`), and how the issue has to end whatever is killed on the way. */
export interface ChaosIssue {
  readonly id: string;
  readonly outcome: OutcomeKind;
  readonly dependencies?: readonly string[];
  readonly script: {
    readonly steps?: number;
    readonly sleepMs?: number;
    readonly files?: number;
    readonly child?: boolean;
    readonly end?: 'no-change';
    readonly verdicts?: readonly ('approved' | 'needs-work')[];
  };
}

export interface GroundSpec {
  /** An empty folder. */
  readonly root: string;
  readonly issues: readonly ChaosIssue[];
  readonly width: number;
  readonly landing: Landing;
  /** How long set-up and check take, and the origin's hooks before and after a push; milliseconds. */
  readonly pauses: { readonly setup: number; readonly check: number; readonly hook: number };
}

/** A repository with a slow bare origin, a plan, and programs that write down every start: what a batch is killed over. */
export interface Ground extends GroundSpec {
  readonly repository: string;
  readonly origin: string;
  readonly plan: string;
  /** JSON lines of agents, set-ups, checks and hooks, in the order in which they happened. */
  readonly log: string;
  /** First commit of `main`. */
  readonly start: string;
}

const program = fileURLToPath(new URL('./program.mjs', import.meta.url));

/** Makes it. */
export function makeGround(spec: GroundSpec): Ground {
  const at = (name: string) => join(spec.root, name);
  const [repository, origin, log] = [at('shop'), at('shop.git'), at('programs.jsonl')];
  mkdirSync(repository);
  writeFileSync(log, '');
  git(spec.root, 'init', '--quiet', '--bare', '--template=', '--initial-branch=main', origin);
  git(spec.root, 'init', '--quiet', '--template=', '--initial-branch=main', repository);
  writeFileSync(join(repository, 'README.md'), '# shop\n');
  writeFileSync(join(repository, 'millrace.yaml'), configOf(spec, log));
  git(repository, 'add', '--all');
  git(repository, 'commit', '--quiet', '--message=shop');
  git(repository, 'remote', 'add', 'origin', origin);
  git(repository, 'push', '--quiet', 'origin', 'main');
  // Only now: what is pushed here is not part of the story.
  for (const hook of ['pre-receive', 'post-receive'] as const) writeHook({ origin, hook, log, spec });
  const plan = at('plan.yaml');
  writeFileSync(plan, planOf(spec, at('tasks')));
  return { ...spec, repository, origin, plan, log, start: git(repository, 'rev-parse', 'HEAD') };
}

/** Runs git with nothing of this machine's configuration; its standard output. */
export function git(cwd: string, ...args: readonly string[]): string {
  const identity = { GIT_AUTHOR_NAME: 'chaos', GIT_AUTHOR_EMAIL: 'chaos@localhost' };
  const committer = { GIT_COMMITTER_NAME: 'chaos', GIT_COMMITTER_EMAIL: 'chaos@localhost' };
  const config = { HOME: '/nonexistent', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  const env = { PATH: process.env['PATH'] ?? '', ...config, ...identity, ...committer };
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).trim();
}

/** JSON is YAML. */
function configOf({ landing, width, pauses }: GroundSpec, log: string): string {
  const run = (kind: string, ms = 0) => [process.execPath, program, kind, log, String(ms)];
  const limits = { wall: '2m', idle: '1m' };
  return JSON.stringify({
    version: 1,
    forge: 'local',
    profiles: {
      coder: { agent: 'command', run: run('agent'), limits },
      reviewer: { agent: 'command', run: run('agent'), limits },
    },
    roles: { implement: 'coder', fix: 'coder', review: 'reviewer', resolve: 'coder', triage: 'reviewer' },
    worktree: { setup: [run('setup', pauses.setup)] },
    checks: [{ name: 'look', run: run('check', pauses.check), timeout: '1m' }],
    review: { rounds: 3 },
    landing,
    batch: { width },
  });
}

function planOf({ issues }: GroundSpec, folder: string): string {
  mkdirSync(folder);
  for (const { id, script } of issues)
    writeFileSync(join(folder, `${id}.md`), `# Work on ${id}\n\n\`\`\`chaos\n${JSON.stringify(script)}\n\`\`\`\n`);
  const tasks = issues.map(({ id, dependencies = [] }) => ({
    id,
    name: `Work on ${id}`,
    file: `tasks/${id}.md`,
    priority: 'medium',
    dependencies,
  }));
  return JSON.stringify({ metadata: { name: 'chaos' }, tasks });
}

/** A hook that tells of each ref and takes its time: with it a push can be killed before and after it counts. */
function writeHook(at: { origin: string; hook: 'pre-receive' | 'post-receive'; log: string; spec: GroundSpec }): void {
  const line = `{"kind":"hook","what":"${at.hook}","ref":"%s","sha":"%s","at":%s}\\n`;
  const script = [
    '#!/bin/sh',
    'while read -r old new ref; do',
    `  printf '${line}' "$ref" "$new" "$(date +%s%3N)" >> '${at.log}'`,
    'done',
    `exec sleep ${at.spec.pauses.hook / 1_000}`,
    '',
  ];
  mkdirSync(join(at.origin, 'hooks'), { recursive: true });
  const path = join(at.origin, 'hooks', at.hook);
  writeFileSync(path, script.join('\n'));
  chmodSync(path, 0o755);
}

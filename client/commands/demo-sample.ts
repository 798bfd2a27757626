import { cp, mkdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SimpleGit } from 'simple-git';
import type { OutcomeKind } from '../../workflows/domain/outcome.ts';
import { gitIn } from '../config/repository/clone.ts';

/** Where the demonstration is, and what has to come of it. */
export interface Demo {
  /** A repository with a clean working tree, one commit on `main` and a bare origin beside it. */
  readonly repository: string;
  /** The `plan.yaml` of six issues. */
  readonly plan: string;
  /** How each issue ends under `landing: none`; where the policy lands, `approved` becomes `landed`. */
  readonly expected: Readonly<Record<string, OutcomeKind>>;
}

/** How the issues of `examples/demo/plan` end: their scripts allow nothing else. */
const expectedOutcomes = {
  'word-count': 'approved',
  'reading-time': 'approved',
  'summary-line': 'approved',
  truncate: 'approved',
  'title-case': 'needs-manual-review',
  'lower-case': 'no-change',
} as const satisfies Record<string, OutcomeKind>;

/** Makes the sample repository, its origin and the plan in a folder. @throws Error when the repository is there already. */
export async function createDemo(folder: string): Promise<Demo> {
  const repository = join(folder, 'textkit');
  const origin = join(folder, 'textkit.git');
  const plan = join(folder, 'plan');
  if (existsSync(repository)) throw new Error(`${repository} is there already: name an empty folder`);
  const examples = examplesFolder();
  await mkdir(folder, { recursive: true });
  await cp(join(examples, 'demo', 'repository'), repository, { recursive: true });
  await cp(join(examples, 'demo', 'plan'), plan, { recursive: true });
  // In the repository, so that `run: [node, tools/agent.mjs]` finds it from every worktree.
  await cp(join(examples, 'agent.mjs'), join(repository, 'tools', 'agent.mjs'));
  await mkdir(origin);
  await git(origin).init(true, ['--initial-branch=main']);
  await git(repository).init(false, ['--initial-branch=main']);
  // A hook in the machine's git template would run at the push.
  await rm(join(origin, 'hooks'), { recursive: true, force: true });
  await rm(join(repository, '.git', 'hooks'), { recursive: true, force: true });
  await git(repository).add('.');
  await git(repository).commit('textkit, the sample repository');
  await git(repository).addRemote('origin', origin);
  await git(repository).push('origin', 'main', ['--set-upstream']);
  return { repository, plan: join(plan, 'plan.yaml'), expected: expectedOutcomes };
}

/** The examples are next to `client/` in a checkout and next to `dist/` in a package. */
function examplesFolder(): string {
  for (let folder = import.meta.dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const examples = join(folder, 'examples');
    if (existsSync(join(examples, 'agent.mjs'))) return examples;
  }
  throw new Error('examples/ is missing from this installation of millrace: install it again');
}

/** Git with nothing of the user's configuration: no signing, no other branch name. */
function git(folder: string): SimpleGit {
  const identity = { NAME: 'millrace demo', EMAIL: 'demo@localhost', DATE: '2026-01-10T12:00:00Z' };
  const people = Object.entries(identity).flatMap(([name, value]) => [
    [`GIT_AUTHOR_${name}`, value],
    [`GIT_COMMITTER_${name}`, value],
  ]);
  const own = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  return gitIn(folder, { ...own, ...Object.fromEntries(people) }, 'disk');
}

import { cp, mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { OutcomeKind } from '../../workflows/domain/outcome.ts';

/** Where the demonstration lies, and what has to come of it. */
export interface Demo {
  /** A repository with a clean working tree, one commit on `main` and a bare origin beside it. */
  readonly repository: string;
  /** The `plan.yaml` of six issues. */
  readonly plan: string;
  /** How each issue ends under `landing: none`; where the policy lands, `approved` becomes `landed`. */
  readonly expected: Readonly<Record<string, OutcomeKind>>;
}

/** How the issues of `examples/demo/plan` end: their scripts leave no choice. */
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
  await git(folder, ['init', '--quiet', '--bare', '--initial-branch=main', '--end-of-options', origin]);
  await git(folder, ['init', '--quiet', '--initial-branch=main', '--end-of-options', repository]);
  await git(repository, ['add', '--all']);
  await git(repository, ['commit', '--quiet', '--message=textkit, the sample repository']);
  await git(repository, ['remote', 'add', '--', 'origin', origin]);
  await git(repository, ['push', '--quiet', '--set-upstream', '--', 'origin', 'main']);
  return { repository, plan: join(plan, 'plan.yaml'), expected: expectedOutcomes };
}

/** The examples lie beside `client/` in a checkout and beside `dist/` in a package. */
function examplesFolder(): string {
  for (let folder = import.meta.dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const examples = join(folder, 'examples');
    if (existsSync(join(examples, 'agent.mjs'))) return examples;
  }
  throw new Error('examples/ is missing from this installation of millrace: install it again');
}

/** Git with nothing of the user's configuration: no signing, no template hooks, no other branch name. */
async function git(cwd: string, args: readonly string[]): Promise<void> {
  const identity = { NAME: 'millrace demo', EMAIL: 'demo@localhost', DATE: '2026-01-10T12:00:00Z' };
  const people = Object.entries(identity).flatMap(([name, value]) => [
    [`GIT_AUTHOR_${name}`, value],
    [`GIT_COMMITTER_${name}`, value],
  ]);
  await execa('git', [...args], {
    cwd,
    extendEnv: false,
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: '/nonexistent',
      LC_ALL: 'C',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TEMPLATE_DIR: '',
      ...Object.fromEntries(people),
    },
  });
}

import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { Home } from './e2e.ts';
import { git, makeRepository, writeFiles, type Files } from '../git/user-repository.ts';

/** An issue of a plan whose agent does what a script says; see the top of `examples/agent.mjs`. */
export interface ScriptedIssue {
  readonly id: string;
  readonly title?: string;
  readonly priority?: 'blocker' | 'high' | 'medium' | 'low';
  readonly dependencies?: readonly string[];
  readonly files?: readonly string[];
  /** Steps by role; where it is left out, the agent writes `<id>.txt` and the review approves. */
  readonly script?: Readonly<Record<string, unknown>>;
}

export interface ProjectOptions {
  readonly issues: readonly ScriptedIssue[];
  /** Over a configuration whose every role is played by the scripted agent; a key replaces the default's. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Limits of the one profile; default: idle 30 s, wall 2 min. */
  readonly limits?: Readonly<Record<string, unknown>>;
  /** Besides README.md and millrace.yaml. */
  readonly files?: Files;
  /** `none`: branches and landings go to the repository itself. Default: a bare one beside it. */
  readonly origin?: 'bare' | 'none';
}

/** A user's repository and plan, ready for `start-batch`. */
export interface Project {
  readonly folder: string;
  /** The user's clone, `main` checked out, clean. */
  readonly repository: string;
  /** Where branches and landings go: the bare origin, or the clone where there is none. */
  readonly remote: string;
  readonly plan: string;
  /** One JSON line at the start and one at the end of every agent, see `agentRuns`. */
  readonly log: string;
  /** Arguments of `start-batch` for this project. */
  readonly batch: readonly string[];
  /** Sha of a ref in the remote; null: it is not there. */
  tip(ref: string): Promise<string | null>;
  /** Git in the remote. */
  git(...args: readonly string[]): Promise<string>;
}

const agent = fileURLToPath(new URL('../../../examples/agent.mjs', import.meta.url));

/** Makes a project in a folder of its own below the home's root. */
export async function createProject(home: Pick<Home, 'root'>, options: ProjectOptions): Promise<Project> {
  const folder = await mkdtemp(join(home.root, 'project-'));
  const [repository, origin] = [join(folder, 'work'), join(folder, 'origin.git')];
  const [plan, log] = [join(folder, 'plan.yaml'), join(folder, 'agents.log')];
  await makeRepository(repository, {
    'README.md': '# Sample\n',
    'millrace.yaml': stringify(configOf(options)),
    ...options.files,
  });
  if (options.origin !== 'none') {
    await git(folder, 'init', '--quiet', '--bare', '--template=', '--initial-branch=main', origin);
    await git(repository, 'remote', 'add', 'origin', origin);
    await git(repository, 'push', '--quiet', '--set-upstream', 'origin', 'main');
  }
  await writeFiles(folder, planFiles(options.issues, log));
  const remote = options.origin === 'none' ? repository : origin;
  return {
    folder,
    repository,
    remote,
    plan,
    log,
    batch: ['start-batch', plan, '-C', repository],
    tip: (ref) => git(remote, 'rev-parse', '--verify', '--quiet', ref).catch(() => null),
    git: (...args) => git(remote, ...args),
  };
}

function configOf({ config, limits }: ProjectOptions): unknown {
  return {
    version: 1,
    profiles: {
      script: {
        agent: 'command',
        run: [process.execPath, agent],
        limits: { idle: '30s', wall: '2m', ...limits },
      },
    },
    roles: { implement: 'script', review: 'script' },
    sandbox: 'off',
    ...config,
  };
}

/** The files of a plan of scripted issues; paths start at the folder of the plan. */
export function planFiles(issues: readonly ScriptedIssue[], log: string): Files {
  const tasks = issues.map(({ id, title, priority = 'medium', dependencies = [], files = [] }) => {
    return { id, name: title ?? `Issue ${id}`, file: `tasks/${id}.md`, priority, dependencies, files };
  });
  const bodies = issues.map(({ id, title, script }) => {
    const steps = script ?? { implement: { write: { [`${id}.txt`]: `work of ${id}\n` } } };
    return [
      `tasks/${id}.md`,
      `# ${title ?? `Issue ${id}`}\n\n\`\`\`script\n${JSON.stringify({ log, ...steps })}\n\`\`\`\n`,
    ];
  });
  return { 'plan.yaml': stringify({ metadata: { name: 'scripted' }, tasks }), ...Object.fromEntries(bodies) };
}

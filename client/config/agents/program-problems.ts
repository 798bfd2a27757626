import { join, normalize } from 'node:path';
import { factsOf } from '../../../workflows/domain/agent-facts.ts';
import type { Profile, Settings } from '../../../workflows/domain/settings.ts';
import type { Problem } from '../../input/errors.ts';
import { quote } from '../../input/text.ts';
import type { Environment } from '../../state/folders.ts';
import type { WhereWritten } from '../reading.ts';
import { findProgram, isFile, programOf, scriptIndex } from './programs.ts';
import type { BaseBranch } from '../repository/base.ts';
import type { UserRepository } from '../repository/locate.ts';

/** What keeps the agent of a profile from starting: each of its runs would fail on it. */
export interface ProgramProblem extends Problem {
  readonly profile: string;
}

/** Where programs are looked for: on this machine, and in the commit that worktrees start from. */
export interface ProgramPlaces {
  readonly repository: UserRepository;
  readonly base: BaseBranch;
  readonly env: Environment;
}

/** The first thing that is missing of each profile's command, in the order of the profiles. */
export async function programProblems(
  settings: Pick<Settings, 'profiles' | 'worktree'>,
  places: ProgramPlaces,
  where: WhereWritten,
): Promise<readonly ProgramProblem[]> {
  const problems = Object.values(settings.profiles).map(async (profile) => {
    const fault = await programFault(profile, { ...places, settings });
    if (fault === null) return [];
    const { at, what, mend } = fault;
    const path = ['profiles', profile.name, ...(at === null ? ['agent'] : ['run', at])];
    return [
      { profile: profile.name, where: where(path), what: `AgentUnavailable: profile ${profile.name}: ${what}`, mend },
    ];
  });
  return (await Promise.all(problems)).flat();
}

interface Fault {
  /** The word of `run`; null: the name of the agent itself. */
  readonly at: number | null;
  readonly what: string;
  readonly mend: string;
}

type Places = ProgramPlaces & { readonly settings: Pick<Settings, 'worktree'> };

async function programFault(profile: Profile, places: Places): Promise<Fault | null> {
  const program = programOf(profile);
  const fault = isInWorktree(program)
    ? await faultInBase({ path: program, at: 0, runs: true }, places)
    : await faultOnMachine(profile, program, places);
  if (fault !== null) return fault;
  const script = scriptIndex(profile.run);
  return script === null ? null : scriptFault(profile.run[script]!, script, places);
}

function isInWorktree(program: string): boolean {
  return program.includes('/') && !program.startsWith('/');
}

async function faultOnMachine(profile: Profile, program: string, { repository, env }: Places): Promise<Fault | null> {
  if ((await findProgram(program, { folder: repository.path, env })) !== null) return null;
  const facts = profile.run.length > 0 ? null : factsOf(profile.agent);
  return {
    at: facts ? null : 0,
    what: `there is no program ${quote(program)}${program.startsWith('/') ? '' : ' on PATH'}`,
    mend: facts
      ? `install it: ${facts.install}; or write where it is: \`run: [/path/to/${profile.agent}]\``
      : 'install it, make it executable, or write another `run: [...]`',
  };
}

async function scriptFault(path: string, at: number, places: Places): Promise<Fault | null> {
  if (!path.startsWith('/')) return faultInBase({ path, at, runs: false }, places);
  if (await isFile(path)) return null;
  return { at, what: `there is no file ${quote(path)}`, mend: 'write it, or correct its path in `run: [...]`' };
}

interface Wanted {
  readonly path: string;
  readonly at: number;
  /** Whether it is started itself, for which it has to be executable. */
  readonly runs: boolean;
}

/** A worktree holds what is committed on the base, and what its setup and `worktree.copy` put there. */
async function faultInBase({ path: written, at, runs }: Wanted, places: Places): Promise<Fault | null> {
  const { repository, base } = places;
  const path = normalize(written).replace(/\/+$/, '');
  if (path.startsWith('../')) {
    return { at, what: `${quote(written)} lies outside of the repository`, mend: 'write its absolute path' };
  }
  const mode = await modeInTree(path, places);
  const mayBeMade = mode === null && ((await isCopied(path, places)) || (await maySetupMake(path, places)));
  if (mayBeMade || mode === 'elsewhere' || mode === '120000' || mode === '100755') return null;
  if (mode === '100644' || mode === '100664') {
    if (!runs) return null;
    const mend = `run \`git update-index --chmod=+x ${path}\` and commit that${pushes(repository)}`;
    return { at, what: `${quote(path)} is not executable on ${base.name}`, mend };
  }
  if (mode !== null) {
    return { at, what: `${quote(path)} is a folder on ${base.name}`, mend: 'name a file in `run: [...]`' };
  }
  const isHere = repository.workingTree !== null && (await isFile(join(repository.workingTree, path)));
  return {
    at,
    what: `${quote(path)} is not in the repository at ${base.name} (${base.commit.slice(0, 12)}), where each worktree starts`,
    mend: isHere
      ? `it is here, but not committed there: \`git add ${path}\`, commit it on ${base.name}${pushes(repository)}`
      : `commit it on ${base.name}${pushes(repository)}; or correct its path in \`run: [...]\``,
  };
}

function pushes({ origin }: UserRepository): string {
  return origin === null ? '' : ' and push it (where origin has it already: `git fetch`)';
}

/** Mode of an entry of the base; `elsewhere`: behind a link or in a submodule; null: there is none. */
async function modeInTree(path: string, { repository, base }: Places): Promise<string | null> {
  const parts = path.split('/');
  for (let count = 1; count <= parts.length; count++) {
    const name = parts.slice(0, count).join('/');
    const entry = await repository.ask(['ls-tree', '-z', '--full-tree', base.commit, '--', name]);
    const mode = entry?.split(' ', 1)[0] ?? '';
    if (mode === '') return null;
    if (count === parts.length) return mode;
    if (mode !== '040000') return 'elsewhere';
  }
  return null;
}

async function isCopied(path: string, { repository, settings }: Places): Promise<boolean> {
  const copied = settings.worktree.copy.some((each) => normalize(each) === path);
  return copied && (await isFile(join(repository.path, path)));
}

/** `npm ci` makes `node_modules/.bin`: what git ignores may be made by the setup. */
async function maySetupMake(path: string, { repository, settings }: Places): Promise<boolean> {
  if (settings.worktree.setup.length === 0) return false;
  // It prints the path where it is ignored, and nothing else.
  return repository.workingTree === null || Boolean(await repository.ask(['check-ignore', '--no-index', '--', path]));
}

import { resolve } from 'node:path';
import type { Settings } from '../../workflows/domain/settings.ts';
import { readPrompts } from './prompts.ts';
import { priceNotices, priceProblems } from './budgets.ts';
import { noProfile } from './agents/first-profile.ts';
import { resolveParts } from './parts.ts';
import type { Reading } from './reading.ts';
import { availabilityProblems, usedProfiles } from './available.ts';
import { programProblems, type ProgramProblem } from './agents/program-problems.ts';
import { branchOnRemote, defaultBranch, namedBranch, type BaseBranch } from './repository/base.ts';
import { forgeNotices, resolveCi, resolveLandingRules, writtenLanding } from './delivery.ts';
import { resolveIssueRules } from './issue-rules.ts';
import { locateRepository, type UserRepository } from './repository/locate.ts';
import { flagAt, readOverrides, type Overrides, type ParsedOverrides } from './overrides.ts';
import { resolveForge, type FoundForge } from './place.ts';
import { readConfigFile, readTrustedConfig, type FoundConfig } from './read.ts';
import { remoteOf, repositoryKey, type Remote } from './repository/remote.ts';
import { configSchema, type WrittenConfig } from './schema.ts';
import { byPlace, collectProblems, UsageError, type Problem } from '../input/errors.ts';
import type { Environment } from '../state/folders.ts';
import { quote } from '../input/text.ts';
import { accept } from '../input/accept.ts';
import type { Source } from '../input/yaml.ts';

/** Issues at once: what one developer's machine and one account of an agent usually bear. */
const DEFAULT_WIDTH = 4;

/** Where the configuration is, and what flags put over it. */
export interface LoadConfigInput {
  /** Folder in the repository: `-C`, else where the user called from. */
  readonly repositoryPath: string;
  /** `--config FILE`, from `repositoryPath` where it is relative; null: the trusted `millrace.yaml`. */
  readonly configFile: string | null;
  readonly env: Environment;
  readonly overrides: Overrides;
  /** Default: `work`. */
  readonly purpose?: Purpose;
}

/** `filing`: nothing is pushed and no agent runs, so neither a profile nor an origin on the forge is needed. */
export type Purpose = 'work' | 'filing';

/** A configuration, checked and complete. */
export interface LoadedConfig {
  readonly settings: Settings;
  /** What the user should know, a sentence each. */
  readonly notices: readonly string[];
  /** The base and its commit as the user's repository knows them now. */
  readonly base: BaseBranch;
  /** Profiles whose agent cannot be started, whether a role uses them or not. */
  readonly programs: readonly ProgramProblem[];
  /** The ones that a role uses: every issue would fail there. */
  readonly missingPrograms: readonly Problem[];
}

/** The settings of the repository that the user stands in. @throws UsageError with all that can't be run as written. */
export async function loadConfig(input: LoadConfigInput): Promise<LoadedConfig> {
  const works = (input.purpose ?? 'work') === 'work';
  const { parsed: overrides, problems: wrongFlags } = readOverrides(input.overrides);
  const problems: Problem[] = [...wrongFlags];
  const read = await collectProblems(problems, () => findConfig(input));
  if (read === null) throw new UsageError(problems);
  const { here, found } = read;
  const reading = startReading(found.source, { overrides, problems });
  if (works && reading.profileNames.length === 0 && reading.isWhole(['profiles'])) {
    problems.push(await noProfile(found, { folder: here.path, env: input.env }));
  }
  const target = await collectProblems(problems, () => targetOf(here, reading, input.env));
  const parts = resolveParts(reading);
  if (target === null) throw new UsageError(byPlace(problems));

  const { repository, remote, base } = target;
  const { written, where, isWhole } = reading;
  const at =
    isWhole(['forge']) && !wrongFlags.some(({ where: flag }) => flag === '--forge')
      ? await collectProblems(problems, () =>
          resolveForge({ written, flags: overrides.forge, remote, where, pushes: works }),
        )
      : null;
  const { forge, place } = at ?? noForge;
  const issues = resolveIssueRules(reading, forge);
  const ci = resolveCi(reading, forge);
  const settings: Settings = {
    version: 1,
    repository: {
      key: repositoryKey(repository.path, remote),
      path: repository.path,
      remote: remote.url,
      base: base.name,
    },
    forge,
    ...(place ? { place } : {}),
    ...(issues ? { issues } : {}),
    landingRules: resolveLandingRules(written, base.name),
    ...(ci ? { ci } : {}),
    ...parts,
    landing: overrides.landing ?? writtenLanding(written),
    batch: { width: overrides.width ?? written.batch?.width ?? DEFAULT_WIDTH },
    prompts: (await collectProblems(problems, () => readPrompts(repository, base))) ?? {},
  };
  const are = (...keys: readonly string[]) => keys.every((key) => isWhole([key]));
  if (at && are('landing', 'repository')) problems.push(...availabilityProblems(settings, remote, where));
  if (are('profiles', 'roles', 'prices')) problems.push(...priceProblems(settings, reading.source));
  const programs = are('worktree') ? await programProblems(settings, { repository, base, env: input.env }, where) : [];
  const used = usedProfiles(settings);
  const missingPrograms = programs.filter(({ profile }) => used.includes(profile));
  if (problems.length > 0)
    throw new UsageError(byPlace([...problems, ...(works && are('roles') ? missingPrograms : [])]));
  const sandbox = works && settings.sandbox === 'auto' ? ['no sandbox yet: agents run with your own rights'] : [];
  const notices = [...found.notices, ...sandbox, ...priceNotices(settings), ...forgeNotices(written, forge)];
  return { settings, notices, base, programs, missingPrograms };
}

/** Stands in for a forge that could not be resolved; nothing that depends on it is checked. */
const noForge: FoundForge = { forge: 'local', place: null };

interface FoundHere {
  readonly here: UserRepository;
  readonly found: FoundConfig;
}

async function findConfig({ repositoryPath, configFile, env }: LoadConfigInput): Promise<FoundHere> {
  const here = await locateRepository(repositoryPath, env);
  const found =
    configFile === null
      ? await readTrustedConfig(here, await defaultBranch(here))
      : await readConfigFile(resolve(repositoryPath, configFile), configFile);
  return { here, found };
}

/** @throws UsageError where nothing of the file can be used. */
function startReading(
  source: Source,
  { overrides, problems }: { readonly overrides: ParsedOverrides; readonly problems: Problem[] },
): Reading {
  const accepted = accept(configSchema, { ...source, value: source.value ?? {} });
  problems.push(...accepted.problems);
  if (accepted.value === null) throw new UsageError(problems);
  const { profiles } = (source.value ?? {}) as { readonly profiles?: unknown };
  return {
    written: accepted.value,
    source: accepted.source,
    where: (path) => flagAt(path, overrides) ?? accepted.source.at(path),
    profileNames: typeof profiles === 'object' && profiles !== null ? Object.keys(profiles) : [],
    isWhole: accepted.isWhole,
    problems,
  };
}

interface Target {
  readonly repository: UserRepository;
  readonly remote: Remote;
  readonly base: BaseBranch;
}

async function targetOf(here: UserRepository, { written, source }: Reading, env: Environment): Promise<Target> {
  const repository = await targetRepository(here, { written, source, env });
  const remote = remoteOf(repository);
  return { repository, remote, base: await baseOf(repository, { written, source, remote }) };
}

/** `repository.path` of the configuration may name another repository than the one that holds it. */
async function targetRepository(
  here: UserRepository,
  config: { readonly written: WrittenConfig; readonly source: Source; readonly env: Environment },
): Promise<UserRepository> {
  const path = config.written.repository?.path ?? '.';
  if (path === '.') return here;
  try {
    return await locateRepository(resolve(here.workingTree ?? here.path, path), config.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const what = `repository.path ${quote(path)}: ${error.problems[0]?.what ?? 'not found'}`;
    const mend = 'write the path of a git repository, from the folder of this file; usually `.`';
    throw new UsageError({ where: config.source.at(['repository', 'path']), what, mend });
  }
}

async function baseOf(
  repository: UserRepository,
  config: { readonly written: WrittenConfig; readonly source: Source; readonly remote: Remote },
): Promise<BaseBranch> {
  const name = config.written.repository?.base;
  const base = name
    ? await namedBranch(repository, { name, where: config.source.at(['repository', 'base']) })
    : await defaultBranch(repository);
  // A remote on disk answers at once; one on the network is asked when the first worktree is made.
  if (repository.origin !== null && config.remote.kind === 'path') {
    await branchOnRemote(repository, { url: config.remote.url, name: base.name });
  }
  return base;
}

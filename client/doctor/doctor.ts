import { statfs } from 'node:fs/promises';
import { execa } from 'execa';
import type { Diagnosis } from '../../workflows/domain/diagnosis.ts';
import type { Cli } from '../cli.ts';
import { loadConfig, type LoadConfigInput, type LoadedConfig } from '../config/load.ts';
import { connectTemporal, namedTemporal } from '../temporal/connect.ts';
import { UsageError } from '../input/errors.ts';
import { examineAgents } from './agents.ts';
import { examineForge } from './forge.ts';
import { runningWorker } from '../state/running.ts';
import { runningServer } from '../temporal/server.ts';
import { ensureFolder, stateRoot } from '../state/folders.ts';
import { findTemporalCli } from '../temporal/executable.ts';
import { TemporalUnavailable } from '../temporal/unavailable.ts';

/** Oldest git whose `merge-tree --write-tree` we use. */
const GIT = [2, 38] as const;

/** With less than this the first big checkout may fill the disk. */
const DISK_GB = 2;

/** Looks at everything that a batch needs. Never throws: what cannot be examined is a finding. */
export async function examine(cli: Cli, config: LoadConfigInput): Promise<readonly Diagnosis[]> {
  const root = stateRoot(cli.env);
  const loaded = await loadedOf(config);
  const refused = loaded instanceof Error;
  return [
    node(),
    await git(),
    await temporalCli(cli),
    await server(cli, root),
    await worker(root),
    await disk(root),
    ...(refused ? configFindings(loaded) : []),
    ...(await examineForge(refused ? null : loaded.settings, cli)),
    ...(await examineAgents(refused ? null : loaded, { env: cli.env, folder: cli.cwd })),
    {
      name: 'sandbox',
      state: 'warning',
      words: 'none yet: agents run with your own rights',
      mend: 'run Millrace as a user of its own',
    },
  ];
}

function node(): Diagnosis {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'node',
    state: ok ? 'ok' : 'broken',
    words: process.versions.node,
    mend: ok ? null : 'install Node 20.19 or newer',
  };
}

async function git(): Promise<Diagnosis> {
  const result = await execa('git', ['--version'], { reject: false });
  const version = /(\d+)\.(\d+)/.exec(result.stdout ?? '');
  if (!version)
    return { name: 'git', state: 'broken', words: 'not found on PATH', mend: `install git ${GIT.join('.')} or newer` };
  const ok = Number(version[1]) > GIT[0] || (Number(version[1]) === GIT[0] && Number(version[2]) >= GIT[1]);
  return {
    name: 'git',
    state: ok ? 'ok' : 'broken',
    words: result.stdout,
    mend: ok ? null : `install git ${GIT.join('.')} or newer`,
  };
}

/** Only looks for the CLI and does not fetch it: a named server needs none. */
async function temporalCli(cli: Cli): Promise<Diagnosis> {
  const name = 'temporal CLI';
  try {
    const found = await findTemporalCli({ env: cli.env, progress: cli.progress });
    const words = found
      ? `${found.version} (${found.path})`
      : 'not here; it is fetched when a server has to be started';
    return { name, state: 'ok', words, mend: null };
  } catch (error) {
    return {
      name,
      state: 'broken',
      words: words(error),
      mend: 'install it, or set TEMPORAL_ADDRESS to a server of yours',
    };
  }
}

async function server(cli: Cli, root: string): Promise<Diagnosis> {
  const name = 'temporal server';
  try {
    const named = namedTemporal(cli.env);
    if (named) {
      const open = !/^(127\.|localhost|\[::1\])/.test(named.address) && !named.connectionOptions.tls;
      if (open) {
        const mend = 'use TLS towards a server on another machine (TEMPORAL_TLS)';
        return { name, state: 'broken', words: `${named.address}, named by you, without TLS`, mend };
      }
      const temporal = await connectTemporal({ env: cli.env, progress: cli.progress, stateRoot: root, start: false });
      await temporal.close();
      return { name, state: 'ok', words: `${named.address}, named by you, answers`, mend: null };
    }
    const running = await runningServer(root);
    if (running) return { name, state: 'ok', words: `${running.address}, Web UI ${running.ui}`, mend: null };
    return {
      name,
      state: 'ok',
      words: 'none runs; one is started on free loopback ports when it is needed',
      mend: null,
    };
  } catch (error) {
    // This error already says what to do.
    const mend = error instanceof TemporalUnavailable ? null : 'correct the Temporal profile';
    return { name, state: 'broken', words: words(error), mend };
  }
}

async function worker(root: string): Promise<Diagnosis> {
  const running = await runningWorker(root);
  return {
    name: 'worker',
    state: 'ok',
    words: running ? `process ${running.pid}, ready since ${running.readyAt}` : 'none runs',
    mend: null,
  };
}

async function disk(root: string): Promise<Diagnosis> {
  try {
    const { bavail, bsize } = await statfs(await ensureFolder(root));
    const gigabytes = (bavail * bsize) / 1e9;
    const ok = gigabytes >= DISK_GB;
    return {
      name: 'disk',
      state: ok ? 'ok' : 'warning',
      words: `${gigabytes.toFixed(1)} GB free below ${root}`,
      mend: ok ? null : 'free some, run millrace cleanup, or set MILLRACE_STATE to another disk',
    };
  } catch (error) {
    return {
      name: 'disk',
      state: 'broken',
      words: words(error),
      mend: 'set MILLRACE_STATE to a folder that you may write',
    };
  }
}

async function loadedOf(config: LoadConfigInput): Promise<LoadedConfig | Error> {
  try {
    return await loadConfig(config);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function configFindings(error: Error): readonly Diagnosis[] {
  const name = 'configuration';
  if (!(error instanceof UsageError)) return [{ name, state: 'broken', words: error.message, mend: null }];
  return error.problems.map(({ where, what, mend }) => ({
    name,
    state: stateOf(where),
    words: `${where}: ${what}`,
    mend,
  }));
}

/** A line of a file was written wrong; without a file or a repository nobody has begun yet. */
function stateOf(where: string): Diagnosis['state'] {
  return /:\d+:\d+$/.test(where) ? 'broken' : 'warning';
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

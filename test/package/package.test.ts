import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveTemporalCli } from '../../client/temporal/executable.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What npm and a program behind a proxy need to reach a registry; nothing of ours. */
const network = /^(PATH|LANG|TMPDIR|npm_config_.*|(https?|no)_proxy|HTTPS?_PROXY|NO_PROXY|.*_CERT.*|.*CA_BUNDLE)$/i;

let folder = '';
let packed: readonly string[] = [];
let env: Readonly<Record<string, string>> = {};
const installed = () => join(folder, 'installed', 'node_modules', '.bin', 'millrace');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-package-'));
  const home = join(folder, 'home');
  await mkdir(home);
  const kept = Object.entries(process.env).filter(([name]) => network.test(name)) as [string, string][];
  env = { ...Object.fromEntries(kept), HOME: home };
  const archive = await pack();
  await mkdir(join(folder, 'installed'));
  await writeFile(join(folder, 'installed', 'package.json'), '{ "private": true }');
  const { stdout: cache } = await execa('npm', ['config', 'get', 'cache'], { cwd: folder });
  const { stdout: userconfig } = await execa('npm', ['config', 'get', 'userconfig'], { cwd: folder });
  await execa('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--omit=dev', archive], {
    cwd: join(folder, 'installed'),
    env: { ...env, npm_config_cache: cache, npm_config_userconfig: userconfig },
    extendEnv: false,
  });
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Of a copy of what git knows, built there: a package from here would hold whatever an older build has left. */
async function pack(): Promise<string> {
  const source = join(folder, 'source');
  const listed = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  const files = listed.stdout.split('\0').filter((path) => path !== '' && !path.startsWith('node_modules'));
  for (const file of files) {
    await mkdir(dirname(join(source, file)), { recursive: true });
    // A file that was moved and not yet told to git is in the list, and not there.
    await cp(join(root, file), join(source, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await symlink(join(root, 'node_modules'), join(source, 'node_modules'));
  const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: source,
    env,
    extendEnv: false,
  });
  const archive = join(folder, stdout.trim().split('\n').at(-1)!);
  packed = (await execa('tar', ['-tzf', archive])).stdout.split('\n').map((path) => path.replace(/^package\//, ''));
  return archive;
}

test('the package has the program, prompts, examples and documents, and neither tests nor sources', async () => {
  const has = (path: string) => packed.includes(path);
  expect(
    ['dist/client/main.js', 'dist/worker/main.js', 'examples/agent.mjs', 'docs/cli.md'].filter((path) => !has(path)),
  ).toEqual([]);
  const prompts = (await readdir(join(root, 'activities/attempt/prompts'))).filter((name) => name.endsWith('.md'));
  expect(prompts.filter((name) => !has(`dist/activities/attempt/prompts/${name}`))).toEqual([]);
  expect(packed.filter((path) => /^(dist\/)?test\/|\.ts$|^node_modules/.test(path))).toEqual([]);
});

test('what the README links to is in the package', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link!);
  expect(links.filter((link) => !packed.some((path) => path === link || path.startsWith(`${link}/`)))).toEqual([]);
});

test('the program can be started where it was built: a link to it lives through the next build', async () => {
  const { mode } = await stat(join(folder, 'source', 'dist', 'client', 'main.js'));
  expect(mode & 0o111).toBe(0o111);
});

test('nothing is installed that only runs sources or tests', async () => {
  const packages = await readdir(join(folder, 'installed', 'node_modules'));
  expect(packages).toContain('commander');
  expect(packages.filter((name) => ['tsx', 'typescript', 'vitest', 'knip', 'oxlint'].includes(name))).toEqual([]);
});

test('millrace --help shows the commands', async () => {
  const { stdout } = await execa(installed(), ['--help'], { cwd: folder, env, extendEnv: false });
  expect(stdout).toContain('start-batch');
});

test('the demonstration runs from an empty folder and an empty home', async () => {
  const cli = await resolveTemporalCli({ env: process.env, progress: () => {} });
  const empty = join(folder, 'empty');
  await mkdir(empty);
  const run = await execa(installed(), ['demo', '--remove'], {
    cwd: empty,
    env: { ...env, MILLRACE_TEMPORAL_CLI: cli.path },
    extendEnv: false,
    reject: false,
  });
  expect(run.exitCode, run.stderr).toBe(0);
  expect(run.stdout.trimEnd().split('\n').at(-1)).toBe('Every issue ended as scripted.');
  expect(await readdir(empty)).toEqual([]);
}, 300_000);

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const registered = ['batchWorkflow', 'cleanupWorkflow', 'fileIssuesWorkflow', 'issueWorkflow'];
const quiet = new DefaultLogger('ERROR');

/** Built where packages resolve as they do for the real one, which a checkout need not have. */
let dist = '';
beforeAll(async () => {
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  dist = await mkdtemp(join(cache, 'dist-'));
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  execFileSync(tsc, ['-p', join(root, 'tsconfig.build.json'), '--outDir', dist], { stdio: 'pipe' });
});
afterAll(() => rm(dist, { recursive: true, force: true }));

describe.each([
  ['source', () => join(root, 'workflows', 'index.ts'), () => root],
  ['dist', () => join(dist, 'workflows', 'index.js'), () => dist],
])('the workflow bundle from %s', (_from, entry, base) => {
  let code = '';
  let modules: readonly string[] = [];
  beforeAll(async () => {
    ({ code } = await bundleWorkflowCode({ workflowsPath: entry(), logger: quiet }));
    modules = modulesOf(code);
  });

  test('holds the workflows and Temporal’s own packages, and nothing else', () => {
    const isTheirs = (path: string) => path.startsWith(join(root, 'node_modules')) && !path.startsWith(dist);
    const ours = modules.filter((path) => !isTheirs(path)).map((path) => relative(base(), path));
    expect(ours.filter((path) => !path.startsWith('workflows/'))).toEqual([]);
    for (const file of ['index', 'batch/batch', 'issue/issue', 'domain/batch/schedule']) {
      expect(ours).toContain(`workflows/${file}${entry().slice(-3)}`);
    }
    const packages = modules.filter(isTheirs).map((path) => /.*node_modules\/(@[^/]+\/[^/]+|[^/]+)\//.exec(path)?.[1]);
    expect(new Set(packages)).toEqual(new Set(sandbox));
  });

  test('asks for no module of Node', () => {
    expect(code).not.toMatch(/require\(["']node:/);
    expect(code).not.toMatch(/from ["']node:/);
  });

  test('is no bigger than its parts explain', () => {
    expect(code.length).toBeLessThan(2_500_000); // zod alone would add a megabyte
  });

  test('exports exactly the workflows that a worker registers', async () => {
    const exported = (await import(pathToFileURL(entry()).href)) as Record<string, unknown>;
    expect(Object.keys(exported).sort()).toEqual(registered);
    expect(Object.values(exported).every((each) => typeof each === 'function')).toBe(true);
  });
});

test('the program from dist tells the version of its package', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const told = execFileSync(process.execPath, [join(dist, 'client', 'main.js'), '--version'], { encoding: 'utf8' });
  expect(told).toBe(`${version}\n`);
});

/** What the workflow sandbox is made of. */
const sandbox = ['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc'];

/** Absolute paths of the modules in a bundle; webpack names them relative to its working folder. */
function modulesOf(code: string): readonly string[] {
  return [...code.matchAll(/^\/\*{3}\/ "([^"?!]+)"/gm)].map((match) => resolve(match[1]!));
}

import { readFile } from 'node:fs/promises';
import { satisfies } from 'semver';
import { expect, test } from 'vitest';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly engines?: { readonly node?: string }; readonly version?: string }>
  >;
}

interface Manifest {
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(new URL(`../${name}`, import.meta.url), 'utf8')) as T;

const manifest = await read<Manifest>('package.json');
const lock = await read<Lock>('package-lock.json');

/** Packages that ask for more than they need: what was tried, on which oldest Node. */
const tried: Readonly<Record<string, string>> = {
  // Comes with @octokit/request, for one header of an answer. Plain JavaScript: every suite on GitHub runs it on Node 20.
  'node_modules/content-type': '>=22',
};

/** The oldest Node that we name, and the first of each later line that is still looked after. */
const ours = ['20.19.0', '22.12.0', '24.0.0'];

test('what we name is the floor that these tests are about', () => {
  expect(manifest.engines.node).toBe('>=20.19');
});

test('no package that is installed with ours needs another Node than we name', () => {
  const runtime = Object.entries(lock.packages).filter(([name, { dev }]) => name !== '' && !dev);
  expect(runtime.length).toBeGreaterThan(Object.keys(manifest.dependencies).length);
  const demanding = runtime.flatMap(([name, { engines }]) => {
    const needs = engines?.node;
    if (needs === undefined || tried[name] === needs) return [];
    return ours
      .filter((version) => !satisfies(version, needs))
      .map((version) => `${name} needs ${needs}, not ${version}`);
  });
  expect(demanding).toEqual([]);
});

test('an exception is of a package that is there, and still asks for so much', () => {
  for (const [name, needs] of Object.entries(tried)) expect(lock.packages[name]?.engines?.node).toBe(needs);
});

test('versions are exact, and the types are those of the oldest Node: nothing newer compiles', () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const [name, version] of Object.entries(all)) expect(`${name} ${version}`).toMatch(/ \d+\.\d+\.\d+$/);
  expect(manifest.devDependencies['@types/node']).toMatch(/^20\.19\./);
});

import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../client/config/load.ts';
import { resolvePlan } from '../../../client/plan/load.ts';
import { register } from '../../../client/state/register.ts';
import { goodFiles } from '../../support/input/good-input.ts';
import { makeRepository, temporaryFolder, testEnv } from '../../support/git/user-repository.ts';

test('settings and plan are left in the state folder under their hashes, for the user alone, once', async () => {
  const folder = await temporaryFolder();
  const cwd = join(folder, 'repository');
  const stateRoot = join(folder, 'state');
  await makeRepository(cwd, goodFiles);
  const { settings } = await loadConfig({ repositoryPath: cwd, configFile: null, env: testEnv(), overrides: {} });
  const { plan } = await resolvePlan({ plan: 'plan.yaml', issues: [], cwd, repositoryPath: cwd });
  const registered = await register({ stateRoot, settings, plan });
  const artifacts = join(stateRoot, 'repositories', registered.repo, 'artifacts');
  const read = async (name: string) => readFile(join(artifacts, name), 'utf8');
  expect(JSON.parse(await read(registered.settings))).toEqual(settings);
  expect(JSON.parse(await read(registered.plan))).toEqual(plan);
  for (const name of await readdir(artifacts)) {
    expect(
      createHash('sha256')
        .update(await read(name))
        .digest('hex'),
    ).toBe(name);
    expect((await stat(join(artifacts, name))).mode & 0o777).toBe(0o600);
  }
  expect((await stat(artifacts)).mode & 0o777).toBe(0o700);
  const before = await stat(join(artifacts, registered.plan));
  expect(await register({ stateRoot, settings, plan })).toEqual(registered);
  expect((await stat(join(artifacts, registered.plan))).ino).toBe(before.ino);
});

import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../client/config/load.ts';
import { UsageError } from '../../../client/input/errors.ts';
import { resolvePlan } from '../../../client/plan/load.ts';
import { badInputs, layBadInput } from '../../support/input/bad-input.ts';
import { temporaryFolder, testEnv } from '../../support/git/user-repository.ts';

test('the files that every bad input starts from are good', async () => {
  const repository = await layBadInput(await temporaryFolder(), { title: '', says: [] });
  const { config, plan } = await load(repository, ['plan.yaml']);
  expect(config.settings.roles.implement).toEqual(['script']);
  expect(plan.plan.issues.map(({ id }) => id)).toEqual(['a', 'b']);
});

test.for(badInputs.map((bad) => [bad.title, bad] as const))(
  '%s: refused with its place and its mend',
  async ([, bad]) => {
    const folder = await temporaryFolder();
    const repository = await layBadInput(folder, bad);
    const before = await readdir(folder, { recursive: true });
    const error = await load(repository, bad.args ?? ['plan.yaml']).then(
      () => null,
      (thrown: unknown) => thrown,
    );

    expect(error).toBeInstanceOf(UsageError);
    const { message, exitCode, problems } = error as UsageError;
    for (const words of bad.says) expect(message).toContain(words);
    for (const { where, mend } of problems) expect([where, mend]).not.toContain('');
    expect(message).not.toContain('secret');
    expect(exitCode).toBe(2);
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  },
);

/** What `start-batch` does before it starts anything. */
async function load(cwd: string, args: readonly string[]) {
  const string = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      issue: { ...string, multiple: true },
      width: string,
      landing: string,
      forge: string,
      'forge-url': string,
      repo: string,
      config: string,
      repository: { ...string, short: 'C' },
    },
  });
  const repositoryPath = resolve(cwd, values.repository ?? '.');
  const config = await loadConfig({
    repositoryPath,
    configFile: values.config ?? null,
    env: testEnv(),
    overrides: {
      width: values.width,
      landing: values.landing,
      forge: values.forge,
      forgeUrl: values['forge-url'],
      repo: values.repo,
    },
  });
  const plan = await resolvePlan({ plan: positionals[0] ?? null, issues: values.issue ?? [], cwd, repositoryPath });
  return { config, plan };
}

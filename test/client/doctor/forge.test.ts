import { expect, test } from 'vitest';
import { loadConfig } from '../../../client/config/load.ts';
import { examineForge } from '../../../client/doctor/forge.ts';
import { git, makeRepository, temporaryFolder, testEnv } from '../../support/git/user-repository.ts';

/** What `doctor` says of the forge of a repository with this origin; nothing listens there. */
async function lookAt(origin: string | null, config = '', env: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder();
  const profiles = 'profiles: { s: { agent: command, run: [node, x.mjs] } }';
  await makeRepository(folder, { 'millrace.yaml': `${profiles}\n${config}` });
  if (origin !== null) await git(folder, 'remote', 'add', 'origin', origin);
  const { settings } = await loadConfig({ repositoryPath: folder, configFile: null, env: testEnv(), overrides: {} });
  return examineForge(settings, {
    env: { ...testEnv(), MILLRACE_STATE: folder, ...env },
    signal: new AbortController().signal,
  });
}

test('of a local forge nothing is asked and nothing said', async () => {
  expect(await lookAt(null)).toEqual([]);
  expect(await examineForge(null, { env: {}, signal: new AbortController().signal })).toEqual([]);
});

test('a forge that cannot be asked is a line with its mend', async () => {
  const findings = await lookAt('https://127.0.0.1:1/acme/shop.git', 'forge: gitea\n', {
    MILLRACE_GITEA_TOKEN: 'not-a-real-token-0123456789',
  });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ name: 'forge', state: 'broken', mend: expect.stringMatching(/\S/) as string });
  expect(JSON.stringify(findings)).not.toContain('not-a-real-token');
});

test('somebody who leaves is no bug', async () => {
  const findings = await examineForge({ forge: 'github' } as never, { env: testEnv(), signal: AbortSignal.abort() });
  expect(findings).toEqual([expect.objectContaining({ name: 'forge', state: 'broken' })]);
});

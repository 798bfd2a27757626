import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../client/config/load.ts';
import { examineAgents } from '../../../client/doctor/agents.ts';
import { makeRepository, temporaryFolder, testEnv, writeFiles } from '../../support/git/user-repository.ts';

/** What `doctor` says of an agent that is this shell script. */
async function lookAt(script: string, agent = 'claude') {
  const folder = await temporaryFolder();
  const program = join(folder, agent);
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  const repositoryPath = join(folder, 'repository');
  await makeRepository(repositoryPath, {
    'millrace.yaml': `profiles:\n  cheap: { agent: ${agent}, run: [${program}], env: [MY_KEY] }\n`,
  });
  const loaded = await loadConfig({ repositoryPath, configFile: null, env: testEnv(), overrides: {} });
  const env = { ...testEnv(), HOME: folder, MY_KEY: 'mine', OTHER_KEY: 'not mine' };
  const findings = await examineAgents(loaded, { env, folder });
  return { program, found: findings.find(({ name }) => name === 'agent cheap')! };
}

test('a tool is named with its path, its version, its login in its own words, and what it cannot do', async () => {
  const { program, found } = await lookAt(
    `case "$1" in --version) echo '2.1.329 (Claude Code)';; *) echo '{"loggedIn": true}';; esac`,
  );
  expect(found.state).toBe('ok');
  expect(found.words).toContain(`claude 2.1.329 (the tested version) at ${program}, logged in; cannot `);
});

test('another version and a missing login are warnings with their mend', async () => {
  const other = await lookAt(`case "$1" in --version) echo 1.0.0;; *) echo '{"loggedIn": true}';; esac`);
  expect(other.found).toMatchObject({ state: 'warning', mend: 'npm install -g @anthropic-ai/claude-code@2.1.329' });
  const out = await lookAt(`case "$1" in --version) echo 2.1.329;; *) echo '{"loggedIn": false}';; esac`);
  expect(out.found).toMatchObject({ state: 'warning', mend: expect.stringContaining('log in') as string });
});

test.each([
  ['claude', '{"loggedIn": true}', 'logged in'],
  ['codex', 'Logged in using ChatGPT', 'logged in'],
  ['codex', 'Not logged in', 'not logged in'],
  ['opencode', '└  2 credentials', 'logged in'],
  ['opencode', '└  0 credentials', 'not logged in'],
  ['pi', 'provider   model   context\nanthropic  claude  200K', 'logged in'],
  ['pi', 'No models available. Use /login to log into a provider', 'not logged in'],
  ['pi', 'Error: something broke', 'login: its answer does not say'],
  ['gemini', 'anything', 'login: unknown without a run'],
])('%s that answers %j is %s', async (agent, answer, words) => {
  const { found } = await lookAt(`[ "$1" = --version ] || printf '%s\n' '${answer}'`, agent);
  expect(found.words).toContain(`, ${words}; cannot `);
});

test('it sees the variables of its profile and no others', async () => {
  const { found } = await lookAt(
    `[ "$MY_KEY$OTHER_KEY$TERM" = minedumb ] || exit 1
     case "$1" in --version) echo 2.1.329;; *) echo '{"loggedIn": true}';; esac`,
  );
  expect(found.state).toBe('ok');
});

test('a tool that never answers is given up with all that it started', { timeout: 30_000 }, async () => {
  const { found } = await lookAt('sleep 600 &\nsleep 600');
  expect(found).toMatchObject({ state: 'warning', words: expect.stringContaining('unknown version') as string });
});

test('a login that is told too late is a warning with what to ask by hand', { timeout: 30_000 }, async () => {
  const { program, found } = await lookAt('case "$1" in --version) echo 2.1.329;; *) sleep 600;; esac');
  expect(found).toMatchObject({ state: 'warning', mend: `ask it by hand: \`${program} auth status\`` });
  expect(found.words).toContain('(the tested version)');
  expect(found.words).toContain('login unknown: `claude auth status` did not answer within 5 s');
});

test('an agent that could not start is broken, in the words of start-batch and with its place', async () => {
  const folder = await temporaryFolder();
  await makeRepository(folder, { 'millrace.yaml': 'profiles:\n  own: { agent: command, run: [node, tools/a.mjs] }\n' });
  await writeFiles(folder, { 'tools/a.mjs': '' });
  const loaded = await loadConfig({ repositoryPath: folder, configFile: null, env: testEnv(), overrides: {} });
  const findings = await examineAgents(loaded, { env: testEnv(), folder });
  const { words, mend } = loaded.missingPrograms.map((each) => ({ ...each, words: each.what }))[0]!;
  expect(findings.find(({ name }) => name === 'agent own')).toEqual({
    name: 'agent own',
    state: 'broken',
    words: `${words} (millrace.yaml:2:38)`,
    mend,
  });
});

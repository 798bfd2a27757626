import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../../client/config/load.ts';
import { scriptIndex } from '../../../../client/config/agents/programs.ts';
import { dryRun } from '../../../support/input/dry-run.ts';
import { planOf } from '../../../support/input/good-input.ts';
import {
  git,
  makeRepository,
  temporaryFolder,
  testEnv,
  writeFiles,
  type Files,
} from '../../../support/git/user-repository.ts';

async function problemsOf(run: string, { files = {}, more = '' }: { files?: Files; more?: string } = {}) {
  const folder = await temporaryFolder();
  const config = `profiles:\n  own: { agent: command, run: ${run} }\n${more}`;
  await makeRepository(folder, { 'millrace.yaml': config, ...files });
  const { missingPrograms } = await loadConfig({
    repositoryPath: folder,
    configFile: null,
    env: testEnv(),
    overrides: {},
  });
  return { folder, problems: missingPrograms.map(({ where, what, mend }) => `${where}: ${what} -> ${mend}`) };
}

test.each([
  ['[no-such-program]', /2:32: .*there is no program "no-such-program" on PATH -> install it/],
  ['[/nowhere/agent]', /2:32: .*there is no program "\/nowhere\/agent" -> install it/],
  ['[tools/agent]', /2:32: .*"tools\/agent" is not in the repository at main \([0-9a-f]{12}\).* -> commit it on main;/],
  ['[node, tools/agent.mjs]', /2:38: .*"tools\/agent.mjs" is not in the repository at main/],
  ['[node, --import, tsx, ./agent.ts]', /2:53: .*"agent.ts" is not in the repository/],
  ['[node, /nowhere/agent.mjs]', /2:38: .*there is no file "\/nowhere\/agent.mjs" -> write it/],
  ['[../agent]', /2:32: .*"..\/agent" lies outside of the repository -> write its absolute path/],
  ['[sh, src]', null],
  ['[sh, ./src]', /2:36: .*"src" is a folder on main -> name a file/],
  [
    '[src/a.sh]',
    /2:32: .*"src\/a.sh" is not executable on main -> run `git update-index --chmod=\+x src\/a.sh` and commit that/,
  ],
  ['[sh, src/a.sh]', null],
  ['[sh, -c, tools/none.sh]', null],
])('a command agent of %s', async (run, words) => {
  const { problems } = await problemsOf(run, { files: { 'src/a.sh': 'true\n' } });
  expect(problems).toEqual(words === null ? [] : [expect.stringMatching(words)]);
});

test('a path is looked up in the commit that worktrees start from, not on the branch that is checked out', async () => {
  const { folder, problems } = await problemsOf('[node, agent.mjs]', { files: { 'agent.mjs': '' } });
  expect(problems).toEqual([]);
  await git(folder, 'remote', 'add', 'origin', 'https://github.com/acme/shop.git');
  await git(folder, 'update-ref', 'refs/remotes/origin/main', 'HEAD');
  await git(folder, 'rm', '--quiet', 'agent.mjs');
  await git(folder, 'commit', '--quiet', '--message', 'gone');
  const from = { repositoryPath: folder, configFile: null, env: testEnv(), overrides: {} };
  expect((await loadConfig(from)).missingPrograms).toEqual([]);
  await git(folder, 'update-ref', 'refs/remotes/origin/main', 'HEAD');
  await writeFiles(folder, { 'agent.mjs': '' });
  expect((await loadConfig(from)).missingPrograms).toMatchObject([
    { mend: expect.stringMatching(/^it is here, but not committed there: `git add agent.mjs`.* push it/) as string },
  ]);
});

test('what the setup may make, `worktree.copy` brings, or a link leads to is not refused', async () => {
  const npm = 'worktree: { setup: [[npm, ci]] }\n';
  const ignored = { '.gitignore': 'node_modules\n' };
  expect((await problemsOf('[node_modules/.bin/agent]', { files: ignored, more: npm })).problems).toEqual([]);
  expect((await problemsOf('[node_modules/.bin/agent]', { files: ignored })).problems).toHaveLength(1);
  expect((await problemsOf('[node, tools/agent.mjs]', { files: ignored, more: npm })).problems).toHaveLength(1);

  const folder = await temporaryFolder();
  await mkdir(join(folder, 'real'));
  await symlink('real', join(folder, 'tools'));
  await writeFile(join(folder, 'real', 'agent'), '');
  await chmod(join(folder, 'real', 'agent'), 0o755);
  await makeRepository(folder, {
    'millrace.yaml':
      'profiles:\n  link: { agent: command, run: [tools/agent] }\n  copy: { agent: command, run: [sh, ./mine.sh] }\nworktree: { copy: [mine.sh] }\n',
  });
  await writeFiles(folder, { 'mine.sh': '' });
  const from = { repositoryPath: folder, configFile: null, env: testEnv(), overrides: {} };
  expect((await loadConfig(from)).missingPrograms).toEqual([]);
});

test('start-batch refuses what a role uses, and nothing else', async () => {
  const folder = await temporaryFolder();
  const profiles = 'profiles:\n  used: { agent: command, run: [git] }\n  idle: { agent: command, run: [tools/none] }\n';
  await makeRepository(folder, { 'millrace.yaml': `${profiles}roles: { implement: used, review: used }\n` });
  await writeFiles(folder, {
    'plan.yaml': planOf('{ id: a, instructions: do it }'),
    'other.yaml': `${profiles}roles: { implement: used, review: idle }\n`,
  });
  expect((await dryRun(folder, ['plan.yaml'])).out).toContain('1 issue');
  await expect(dryRun(folder, ['plan.yaml', '--config', 'other.yaml'])).rejects.toThrow(
    'other.yaml:3:33: AgentUnavailable: profile idle: "tools/none" is not in the repository',
  );
});

test('the script of an interpreter is its first file, unless flags leave that open', () => {
  const at = (command: string) => scriptIndex(command.split(' '));
  expect(at('node a.mjs b.mjs')).toBe(1);
  expect(at('/usr/bin/python3 -u src/a.py')).toBe(2);
  expect(at('node --import=tsx --no-warnings a.ts')).toBe(3);
  for (const open of ['node -e x.y', 'python3 -m a.b', 'bun run agent', 'node --some value.x a.mjs', 'git a.b', 'node'])
    expect(at(open), open).toBe(null);
});

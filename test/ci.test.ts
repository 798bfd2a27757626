import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { findProgram } from '../client/config/agents/programs.ts';
import { temporaryFolder } from './support/git/user-repository.ts';

const run = fileURLToPath(new URL('../.ci/run', import.meta.url));

const tools =
  'bash env dirname basename readlink realpath mktemp rm mkdir mv tail cat cut awk sha256sum flock nice timeout cp chmod';

/** Runs all suites in no time: each passes with so many tests, `test:gitea` as it is told. */
const npm = (gitea: string) => `#!/usr/bin/env bash
case "$*" in *test:gitea*) result='${gitea}' ;; *) result='{"numPassedTests":5,"numFailedTests":0}' ;; esac
for each; do case $each in --outputFile.json=*) echo "$result" >"\${each#*=}" ;; esac; done
`;

/** What CI says at its end on a machine with these programs besides, and no Gitea built before. */
async function ci(more: Readonly<Record<string, string>>, gitea = '{"numPassedTests":7,"numFailedTests":0}') {
  const folder = await temporaryFolder();
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const tool of tools.split(' '))
    await symlink((await findProgram(tool, { folder, env: process.env }))!, join(bin, tool));
  await symlink(process.execPath, join(bin, 'node'));
  for (const [name, script] of Object.entries({ npm: npm(gitea), ...more })) {
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
  const env = { PATH: bin, HOME: folder, GITEA_TEST_CACHE: join(folder, 'cache') };
  const { stdout, exitCode } = await execa(run, { env, extendEnv: false, reject: false, stderr: 'ignore' });
  const lines = stdout.trimEnd().split('\n');
  return { exitCode, last: lines.at(-1), told: lines.slice(-2).join('\n') };
}

test('without a Go and without an engine the suite of a real Gitea is skipped, and CI says so', async () => {
  const { exitCode, last, told } = await ci({});
  expect(told).toContain('npm run test:gitea was SKIPPED');
  expect([exitCode, last]).toEqual([0, '5 passed, 0 failed']);
});

test('what tests need besides is installed where apt may, and nothing fails where it may not', async () => {
  const asked = join(await temporaryFolder(), 'asked');
  const apt = `#!/usr/bin/env bash\necho "$@" >>'${asked}'\n`;
  // Not root: `sudo -n` stands for it.
  const sudo = '#!/usr/bin/env bash\nshift; exec "$@"\n';
  expect((await ci({ 'apt-get': apt, sudo })).last).toBe('5 passed, 0 failed');
  expect(await readFile(asked, 'utf8')).toBe('-q update\n-q install -y --no-install-recommends bubblewrap git-lfs\n');
  const refused = await ci({ 'apt-get': '#!/usr/bin/env bash\necho no rights >&2; exit 1\n', sudo });
  expect(refused).toMatchObject({ exitCode: 0, last: '5 passed, 0 failed' });
});

test('a Go that cannot build it is a failure', async () => {
  const { exitCode, last, told } = await ci({ go: '#!/usr/bin/env bash\nexit 1\n' });
  expect(told).toContain('counted as a failure');
  expect([exitCode, last]).toEqual([1, '5 passed, 1 failed']);
});

const engine = { docker: '#!/usr/bin/env bash\nexit 0\n' };

test('an engine runs the suite without a Go; where all of it skips itself that is a failure', async () => {
  const ran = await ci(engine);
  expect([ran.exitCode, ran.last]).toEqual([0, '12 passed, 0 failed']);
  const none = await ci(engine, '{"numPassedTests":0,"numFailedTests":0}');
  expect([none.exitCode, none.last]).toEqual([1, '5 passed, 1 failed']);
  expect(none.told).toContain('counted as a failure');
});

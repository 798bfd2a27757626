import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { startProgram } from '../support/e2e/program.ts';
import { temporaryFolder, testEnv } from '../support/git/user-repository.ts';

const main = fileURLToPath(new URL('../../client/main.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

async function millrace(...args: readonly string[]) {
  const argv = [process.execPath, '--import', tsx, main, ...args];
  const { code, out, err } = await startProgram({
    argv,
    cwd: await temporaryFolder(),
    env: testEnv(),
    withinMs: 100_000,
  }).ended;
  return { code, out, err };
}

test('--version prints the version of the package, from whatever folder', async () => {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(await millrace('--version')).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
});

test.each([
  [['start-batch', '--widht', '3'], "error: unknown option '--widht'\n(Did you mean --width?)", 'start-batch'],
  [['issues', 'creat', 'x'], "error: unknown command 'creat'\n(Did you mean create?)", 'issues'],
  [['issues', 'create'], "error: missing required argument 'plan'", 'issues create'],
  [['retry', '--fresh'], "error: unknown option '--fresh'", 'retry'],
])('%j is answered with one error and where the help is, not with the help', async (args, error, verb) => {
  const help = `(millrace ${verb} --help shows what there is)`;
  expect(await millrace(...args)).toEqual({ code: 2, out: '', err: `${error}\n${help}\n` });
});

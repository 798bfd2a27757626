import { execa } from 'execa';
import { expect, test } from 'vitest';
import { tsxLoader } from '../../client/worker-process.ts';

test('a program that waits for nothing but its launcher gets the answer, and then ends', async () => {
  const spec = { file: 'git', args: ['--version'], cwd: '/', env: {}, input: '', encoding: 'utf8' };
  const launcher = new URL('../../worker/launcher.ts', import.meta.url).href;
  const source = `
    import { createLauncher } from ${JSON.stringify(launcher)};
    const run = createLauncher();
    const spec = ${JSON.stringify({ ...spec, timeoutMs: 10_000, maxBytes: 1_000 })};
    const answers = [await run(spec), ...(await Promise.all([run(spec), run(spec)]))];
    console.log(JSON.stringify(answers.map((answer) => answer.exitCode)));`;
  const args = ['--import', tsxLoader(), '--input-type=module', '--eval', source];
  const { exitCode, stdout } = await execa(process.execPath, args, { reject: false, timeout: 30_000 });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '[0,0,0]' });
});

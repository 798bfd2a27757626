import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { buildId } from '../../../client/state/build.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'millrace-built');

/** Builds of sources that have changed since are of no use for long. */
const KEPT_MS = 24 * 3_600_000;

/** Our program as it is installed: emitted once for each state of the sources, it starts in half the time of the sources. */
export async function builtMain(): Promise<string> {
  const folder = join(cache, await buildId());
  const main = join(folder, 'client', 'main.js');
  if (await exists(main)) return main;
  await mkdir(cache, { recursive: true });
  await removeOld();
  const making = await mkdtemp(join(cache, 'making-'));
  await execa('npx', ['tsc', '-p', 'tsconfig.build.json', '--outDir', making], { cwd: root });
  await cp(join(root, 'activities/attempt/prompts'), join(making, 'activities/attempt/prompts'), { recursive: true });
  await writeFile(join(making, 'package.json'), '{ "type": "module" }\n');
  // Of two suites that build at once either is as good as the other.
  await rename(making, folder).catch(async (error: unknown) => {
    if (!(await exists(main))) throw error;
    await rm(making, { recursive: true });
  });
  return main;
}

async function removeOld(): Promise<void> {
  for (const name of await readdir(cache)) {
    const { mtimeMs } = await stat(join(cache, name));
    if (Date.now() - mtimeMs > KEPT_MS) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

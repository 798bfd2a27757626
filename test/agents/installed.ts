import { access, mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { agentFacts } from '../../workflows/domain/agent-facts.ts';

/** Scripts that fetch or unpack a native program; a strict npm does not run them. */
const postinstalls: Readonly<Partial<Record<keyof typeof agentFacts, readonly string[]>>> = {
  claude: ['@anthropic-ai/claude-code/install.cjs'],
  opencode: ['opencode-ai/postinstall.mjs'],
};

/** The pinned version of an agent, installed once into a cache folder of its own; how to start it. */
export async function installedAgent(agent: keyof typeof agentFacts): Promise<readonly string[]> {
  const { install, version } = agentFacts[agent];
  const folder = join(homedir(), '.cache', 'millrace-test', `${agent}-${version}`);
  const program = join(folder, 'node_modules', '.bin', agent);
  if (await exists(join(folder, 'complete'))) return [program];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}\n');
  const spec = install.split(' ').at(-1)!;
  await execa('npm', ['install', '--no-audit', '--no-fund', spec], { cwd: folder });
  for (const script of postinstalls[agent] ?? []) {
    const path = join(folder, 'node_modules', script);
    await execa(process.execPath, [path], { cwd: join(path, '..') });
  }
  await writeFile(join(folder, 'complete'), '');
  return [program];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { Home } from '../e2e/e2e.ts';
import type { BatchForge } from './forge-batch.ts';
import { git, makeRepository } from '../git/user-repository.ts';

const agent = fileURLToPath(new URL('../../../examples/agent.mjs', import.meta.url));

/** A user's clone of a repository on a forge, whose agents do what the issues' scripts say. */
export interface ForgeProject {
  readonly clone: string;
  /** Of the agents, see `agentRuns`. */
  readonly log: string;
  /** Who we are on the forge. */
  readonly env: Readonly<Record<string, string>>;
  /** Text of an issue with that script. */
  script(steps: object): string;
  /** Text of an issue whose agent writes that file. */
  writing(file: string): string;
  /** Runs git in the clone towards the forge, as us. */
  fetchMain(): Promise<void>;
}

/** Pushes the first commit, then clones it as a user would. */
export async function createForgeProject(
  home: Pick<Home, 'root'>,
  forge: BatchForge,
  landing: unknown,
): Promise<ForgeProject> {
  const [seed, clone, log] = ['seed', 'clone', 'agents.log'].map((name) => join(home.root, name)) as [
    string,
    string,
    string,
  ];
  await makeRepository(seed, {
    'README.md': '# Sample\n',
    'broken.txt': 'green\n',
    'millrace.yaml': stringify({
      version: 1,
      forge: { kind: forge.kind, url: forge.url, repo: forge.repo },
      profiles: { script: { agent: 'command', run: [process.execPath, agent], limits: { idle: '60s', wall: '3m' } } },
      roles: { implement: 'script', review: 'script' },
      landing,
      batch: { width: 3 },
      sandbox: 'off',
    }),
    ...forge.ciFiles,
  });
  await forge.push(seed);
  const { name, token } = forge.credential;
  const ours = forge.remote.replace('://', `://x:${token}@`);
  await git(home.root, 'clone', '--quiet', ours, clone);
  await git(clone, 'remote', 'set-url', 'origin', forge.remote);
  const script = (steps: object) => `\`\`\`script\n${JSON.stringify({ log, ...steps }, null, 1)}\n\`\`\`\n`;
  return {
    clone,
    log,
    env: { [name]: token },
    script,
    writing: (file) => script({ implement: { write: { [file]: `${file}\n` } } }),
    fetchMain: async () => void (await git(clone, 'fetch', '--quiet', ours, 'main')),
  };
}

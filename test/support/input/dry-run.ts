import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Cli } from '../../../client/cli.ts';
import { startBatchCommand } from '../../../client/commands/start-batch.ts';
import { testEnv } from '../git/user-repository.ts';

/** What a command printed. */
export interface Said {
  readonly out: string;
  readonly progress: readonly string[];
}

/** `start-batch ... --dry-run` in a folder: it asks everything that `start-batch` asks before it starts anything. */
export async function dryRun(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const said = { out: '', progress: [] as string[] };
  const write = (chunk: unknown, _: unknown, done: () => void) => {
    said.out += String(chunk);
    done();
  };
  const cli: Cli = {
    env: { ...testEnv(), MILLRACE_STATE: join(folder, '.state'), ...env },
    cwd: folder,
    out: new Writable({ write }) as NodeJS.WriteStream,
    progress: (line) => void said.progress.push(line),
    signal: new AbortController().signal,
  };
  await startBatchCommand(cli, () => {}).parseAsync([...args, '--dry-run'], { from: 'user' });
  return said;
}

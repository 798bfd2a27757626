import { setTimeout as sleep } from 'node:timers/promises';
import type { EditIssueOption } from 'gitea-js';
import { ForgeError } from '../../failure/forge-error.ts';
import { keyIn, type Key } from '../key.ts';
import { standingAnswer } from './answers.ts';
import { doneAnyway, type GiteaContext } from './context.ts';

/** Attempts that want to close the same thing in the same moment make each other's fail. */
const TRIES = 4;

const AGAIN_MS = 200;

/** Closes what a lost answer made twice, and takes its key away, so that it counts for nothing. */
export async function retireDuplicate(gitea: GiteaContext, path: string, kept: number): Promise<void> {
  const body = `Made twice by a lost answer: #${kept} is the same work.\n\n<!-- millrace-key: duplicate/${kept} -->\n`;
  // In this order: open and without its key, nothing would ever find it again.
  await written(gitea, path, { state: 'closed' });
  await written(gitea, path, { body });
}

/** Whether a key says that the thing which has it counts for nothing. */
export function isDuplicateKey(key: Key | null): boolean {
  return key?.startsWith('duplicate/') ?? false;
}

async function written({ client }: GiteaContext, path: string, option: EditIssueOption): Promise<void> {
  const isDone = async () => {
    const { state, body } = await client.get(path, standingAnswer);
    return option.state === undefined ? keyIn(body) === keyIn(option.body ?? '') : state === option.state;
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return await doneAnyway(() => client.patch(path, option), isDone);
    } catch (error) {
      const isRace = error instanceof ForgeError && ['changed', 'rejected', 'conflict'].includes(error.kind);
      if (!isRace || tries === TRIES) throw error;
    }
    await sleep(AGAIN_MS * tries);
    if (await isDone()) return;
  }
}

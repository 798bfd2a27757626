import { setTimeout as sleep } from 'node:timers/promises';
import type { EditIssueOption } from 'gitea-js';
import { ForgeError } from '../../failure/forge-error.ts';
import { keyIn, type Key } from '../key.ts';
import { stateAnswer } from './answers.ts';
import { doneAnyway, type GiteaContext } from './context.ts';

/** How often to try: two attempts that close the same thing at once make each other fail. */
const TRIES = 4;

const AGAIN_MS = 200;

/** Closes a duplicate that a lost answer caused, and removes its key, so that it no longer counts. */
export async function retireDuplicate(gitea: GiteaContext, path: string, kept: number): Promise<void> {
  const body = `Made twice by a lost answer: #${kept} is the same work.\n\n<!-- millrace-key: duplicate/${kept} -->\n`;
  // In this order: nothing would ever find it again if it were open and without its key.
  await written(gitea, path, { state: 'closed' });
  await written(gitea, path, { body });
}

/** Whether a key marks a duplicate that no longer counts. */
export function isDuplicateKey(key: Key | null): boolean {
  return key?.startsWith('duplicate/') ?? false;
}

async function written({ client }: GiteaContext, path: string, option: EditIssueOption): Promise<void> {
  const isDone = async () => {
    const { state, body } = await client.get(path, stateAnswer);
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

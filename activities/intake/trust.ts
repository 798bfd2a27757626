import type { Account } from '../forges/account.ts';
import type { Forge } from '../forges/forge.ts';
import type { ForgeIssue } from '../forges/issue.ts';
import { keyIn, taskKey } from '../forges/key.ts';

/** Who may start work and be quoted to an agent; each account is asked about once. */
export interface Trust {
  /** Whether an account may write to the repository, found by its id. */
  writes(account: Account): Promise<boolean>;
  /** Whether an issue is the word of somebody who may write, or was filed by us from a plan of theirs. */
  wrote(issue: Pick<ForgeIssue, 'author' | 'body'>): Promise<boolean>;
}

/** How keys of filed tasks begin. */
const filed = taskKey('');

/** Trust as the forge's own permissions say it; `anyone`: everybody who can write an issue. */
export function createTrust(forge: Pick<Forge, 'permission' | 'me'>, options: { readonly anyone: boolean }): Trust {
  const known = new Map<string, Promise<boolean>>();
  const ask = async (account: Account): Promise<boolean> => {
    const permission = await forge.permission(account);
    return permission === 'write' || permission === 'admin';
  };
  const writes = async (account: Account): Promise<boolean> => {
    if (options.anyone) return true;
    const answer = known.get(account.id) ?? ask(account);
    known.set(account.id, answer);
    return answer;
  };
  return {
    writes,
    async wrote({ author, body }) {
      // The bot of an App is no collaborator. Its account alone says little: in GitHub Actions many act by the same one.
      const isMarked = keyIn(body)?.startsWith(filed) ?? false;
      if (isMarked && (await forge.me()).id === author.id) return true;
      return writes(author);
    },
  };
}

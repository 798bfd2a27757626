import type { Account, Forge } from './forges/forge.ts';

/** Who may start work and be quoted to an agent; each account is asked about once. */
export interface Trust {
  /** Whether an account may write to the repository, found by its id. */
  writes(account: Account): Promise<boolean>;
}

/** Trust as the forge's own permissions say it; `anyone`: everybody who can write an issue. */
export function createTrust(forge: Pick<Forge, 'permission'>, options: { readonly anyone: boolean }): Trust {
  const known = new Map<string, Promise<boolean>>();
  const ask = async (account: Account): Promise<boolean> => {
    const permission = await forge.permission(account);
    return permission === 'write' || permission === 'admin';
  };
  return {
    async writes(account) {
      if (options.anyone) return true;
      const answer = known.get(account.id) ?? ask(account);
      known.set(account.id, answer);
      return answer;
    },
  };
}

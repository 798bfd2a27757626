import type { Skip } from '../../workflows/domain/plan/selection.ts';
import type { Account } from '../forges/account.ts';
import type { Forge } from '../forges/forge.ts';
import type { ForgeIssue } from '../forges/issue.ts';
import { keyIn, taskKey } from '../forges/key.ts';
import { visibleLine } from '../text/visible.ts';

/** Who may start work and be quoted to an agent; each account is asked about once. */
export interface Trust {
  /** Whether an account may write to the repository, found by its id. */
  writes(account: Account): Promise<boolean>;
  /** Whether somebody who may write wrote the issue, or we filed it from a plan of theirs. */
  wrote(issue: Pick<ForgeIssue, 'author' | 'body'>): Promise<boolean>;
}

/** How the keys of issues that we filed begin. */
const filed = taskKey('');

/** Trust by the forge's own permissions; `anyone`: in everybody who can write an issue. */
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
      // An App's bot is not a collaborator. Its account alone proves little: in GitHub Actions many act under the same one.
      const isMarked = keyIn(body)?.startsWith(filed) ?? false;
      if (isMarked && (await forge.me()).id === author.id) return true;
      return writes(author);
    },
  };
}

/** What tells whether somebody has handed an issue over. */
export interface HandedOverBy {
  readonly forge: Pick<Forge, 'labelSetters' | 'textEditedAt'>;
  readonly trust: Trust;
  /** Labels that select: whoever sets one of them hands the issue over. */
  readonly labels: readonly string[];
}

/** Why an issue is not to be trusted as it stands: nobody who may write has handed it over. Null: somebody has. */
export async function distrust(issue: ForgeIssue, { forge, trust, labels }: HandedOverBy): Promise<Skip | null> {
  if (await trust.wrote(issue)) return null;
  const no = `its author ${visibleLine(issue.author.login, 60)} has no write access here`;
  if (labels.length === 0) return skipped(`${no}: read it, set a label, and select by that: \`--label\``);
  const selecting = new Set(labels.map((label) => label.toLowerCase()));
  let newest: { readonly label: string; readonly at: number } | null = null;
  for (const { label, by, at } of await forge.labelSetters(issue.number)) {
    if (!selecting.has(label.toLowerCase()) || !(await trust.writes(by))) continue;
    if (newest === null || at > newest.at) newest = { label, at };
  }
  if (newest === null) return skipped(`${no}: neither has whoever set the label`);
  // Asked after the text was read: an edit before that is seen here, and a later one is not in our text.
  const editedAt = await forge.textEditedAt(issue.number);
  if (editedAt === null || secondOf(editedAt) < secondOf(newest.at)) return null;
  const when = `after the label ${visibleLine(newest.label, 60)} was set on ${timeOf(newest.at)}`;
  return skipped(`${no}, and it was changed ${when}: read it again and set the label anew`);
}

/** Forges tell whole seconds: two events of one second may have happened in either order. */
function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function skipped(reason: string): Skip {
  return { reason, satisfies: false };
}

import type { DoorProblem, ForgeAccess } from './forge-question.ts';
import { lands, type Settings } from '../settings.ts';

/** One line of `doctor` about the forge. */
export interface ForgeFinding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'broken';
  readonly words: string;
  /** What to type or change; null: nothing. */
  readonly mend: string | null;
}

/** The part of the settings that says which rights are needed. */
export type AccessWish = Pick<Settings, 'forge' | 'place' | 'landing' | 'ci'>;

const MISSING = 'give it to the credential, or use another one';

const NO_ISSUES = 'forge issues';

const ISSUES_OFF = 'switch them on in the settings of the repository, or give a plan';

/** What makes all work here be in vain, before an agent is paid for it; in the words of `doctor`. */
export function accessProblems(
  wish: AccessWish,
  access: ForgeAccess,
  asked: { readonly issues: boolean },
): readonly DoorProblem[] {
  const where = wish.place ? `${wish.place.owner}/${wish.place.name} at ${wish.place.url}` : `forge: ${wish.forge}`;
  const needed = ({ name, state }: ForgeFinding) => state === 'broken' || (asked.issues && name === NO_ISSUES);
  const found = accessFindings(wish, access).filter(needed);
  return found.map(({ words, mend }) => ({ where, what: words, mend: mend ?? MISSING }));
}

/** What `doctor` says of what the credential may do here at all. */
export function accessFindings(wish: AccessWish, access: ForgeAccess): readonly ForgeFinding[] {
  const { account, permission, scopes, missing, isArchived, hasIssues } = access;
  const name = 'forge access';
  const mayPush = permission === 'write' || permission === 'admin';
  const owned = scopes === null ? '' : `; scopes: ${scopes.join(', ') || 'none'}`;
  const told = (right: string) => isIdle(right, wish) || (!mayPush && /\bright to (push|write)\b/.test(right));
  const needs = missing.filter((right) => !told(right)).map((right) => ({ right, need: needOf(right, wish) }));
  const hard = needs.filter(({ need }) => need === null).map(({ right }) => right);
  const soft = needs.filter((each): each is { right: string; need: string } => each.need !== null);
  const found: ForgeFinding[] = [];
  if (isArchived) {
    const words = 'the repository is archived: it takes neither branches nor pull requests';
    found.push({ name, state: 'broken', words, mend: 'take it out of the archive, or work on another repository' });
  }
  if (!mayPush) {
    const words = `${account.login} may not push here (${permission}): no policy works without branches and pull requests${owned}`;
    const mend = `give ${account.login} the right to write in this repository, or use a credential of somebody who has it`;
    found.push({ name, state: 'broken', words, mend });
  } else if (hard.length === 0 && !isArchived) {
    // GitHub tells the account's role, and the scopes of classic tokens only.
    const isHalf = scopes === null && wish.forge === 'github';
    const untold = isHalf ? '; whether this token may write as well shows with its first write' : '';
    found.push(ok(name, `${account.login} may push and open pull requests (${permission})${owned}${untold}`));
  }
  if (hard.length > 0) {
    const words = `needed for every policy, and missing: ${hard.join(', ')}${mayPush ? owned : ''}`;
    found.push({ name, state: 'broken', words, mend: MISSING });
  }
  if (!hasIssues) {
    const words = 'issues are switched off in this repository: there are none to work on, only plans';
    found.push({ name: NO_ISSUES, state: 'warning', words, mend: ISSUES_OFF });
  }
  for (const { right, need } of soft) {
    const mend = 'add it to the credential, if that is wanted';
    found.push({ name, state: 'warning', words: `missing: ${right}: ${need}`, mend });
  }
  return found;
}

/** A right to see CI, where nobody waits for it. */
function isIdle(right: string, { landing, ci }: AccessWish): boolean {
  return isOfCi(right) && ci === undefined && !lands(landing);
}

function isOfCi(right: string): boolean {
  return /\b(checks?|actions?)\b/i.test(right);
}

/** What a right is needed for, where it is not needed by every policy. */
function needOf(right: string, { landing }: AccessWish): string | null {
  if (/\bworkflows?\b/i.test(right)) return 'work that changes files of CI cannot be pushed';
  if (!isOfCi(right)) return null;
  return lands(landing)
    ? `\`landing: ${landing}\` does not see all of CI, and merges nothing where a required check is unknown`
    : 'a red CI is not seen in full, and not mended';
}

/** Something that is as it should be. */
export function ok(name: string, words: string): ForgeFinding {
  return { name, state: 'ok', words, mend: null };
}

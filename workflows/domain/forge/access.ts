import { ok, type Diagnosis } from '../diagnosis.ts';
import type { Settings } from '../settings.ts';
import { forgeFacts } from '../forge-facts.ts';
import type { ForgeProblem, ForgeAccess } from './forge-question.ts';
import { needOf } from './right.ts';

/** The part of the settings that says which rights are needed. */
export type AccessWish = Pick<Settings, 'forge' | 'place' | 'landing' | 'ci'>;

const MISSING = 'give it to the credential, or use another one';

const NO_ISSUES = 'forge issues';

const ISSUES_OFF = 'switch them on in the settings of the repository, or give a plan';

/** What rules out all work here, known before an agent is paid for it; in the words of `doctor`. */
export function accessProblems(
  wish: AccessWish,
  access: ForgeAccess,
  asked: { readonly issues: boolean },
): readonly ForgeProblem[] {
  const where = wish.place ? `${wish.place.owner}/${wish.place.name} at ${wish.place.url}` : `forge: ${wish.forge}`;
  const needed = ({ name, state }: Diagnosis) => state === 'broken' || (asked.issues && name === NO_ISSUES);
  const found = accessFindings(wish, access).filter(needed);
  return found.map(({ words, mend }) => ({ where, what: words, mend: mend ?? MISSING }));
}

/** What `doctor` says of what the credential may do here at all. */
export function accessFindings(wish: AccessWish, access: ForgeAccess): readonly Diagnosis[] {
  const { account, permission, scopes, missing, isArchived, hasIssues } = access;
  const name = 'forge access';
  const mayPush = permission === 'write' || permission === 'admin';
  const owned = scopes === null ? '' : `; scopes: ${scopes.join(', ') || 'none'}`;
  // An account that may not push is named once; that its credential may not either goes without saying.
  const untold = missing.filter(({ right }) => mayPush || right !== 'push');
  const needs = untold.map(({ right, words }) => ({ words, need: needOf(right, wish) }));
  const hard = needs.flatMap(({ words, need }) => (need.kind === 'broken' ? [words] : []));
  const found: Diagnosis[] = [];
  if (isArchived) {
    const words = 'the repository is archived: it takes neither branches nor pull requests';
    found.push({ name, state: 'broken', words, mend: 'take it out of the archive, or work on another repository' });
  }
  if (!mayPush) {
    const words = `${account.login} may not push here (${permission}): no policy works without branches and pull requests${owned}`;
    const mend = `give ${account.login} the right to write in this repository, or use a credential of somebody who has it`;
    found.push({ name, state: 'broken', words, mend });
  } else if (hard.length === 0 && !isArchived) {
    const isHalf = scopes === null && forgeFacts[wish.forge].hidesWriting;
    const writing = isHalf ? '; whether this token may write as well shows with its first write' : '';
    found.push(ok(name, `${account.login} may push and open pull requests (${permission})${owned}${writing}`));
  }
  if (hard.length > 0) {
    const words = `needed for every policy, and missing: ${hard.join(', ')}${mayPush ? owned : ''}`;
    found.push({ name, state: 'broken', words, mend: MISSING });
  }
  if (!hasIssues) {
    const words = 'issues are switched off in this repository: there are none to work on, only plans';
    found.push({ name: NO_ISSUES, state: 'warning', words, mend: ISSUES_OFF });
  }
  for (const { words, need } of needs) {
    if (need.kind !== 'partial') continue;
    const mend = 'add it to the credential, if that is wanted';
    found.push({ name, state: 'warning', words: `missing: ${words}: ${need.words}`, mend });
  }
  return found;
}

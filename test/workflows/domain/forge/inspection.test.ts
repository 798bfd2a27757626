import { describe, expect, test } from 'vitest';
import type { ForgeInspection } from '../../../../workflows/domain/forge/forge-question.ts';
import type { Diagnosis } from '../../../../workflows/domain/diagnosis.ts';
import type { MissingRight, Right } from '../../../../workflows/domain/forge/right.ts';
import { forgeFindings, type ForgeWish } from '../../../../workflows/domain/forge/inspection.ts';
import { landings, type Landing } from '../../../../workflows/domain/settings.ts';

const now = 1_700_000_000_000;

/** A forge on which every policy works. */
const good: ForgeInspection = {
  server: 'GitHub',
  account: { id: '7', login: 'bot' },
  permission: 'write',
  isPrivate: false,
  scopes: ['repo'],
  missing: [],
  isArchived: false,
  hasIssues: true,
  mergeMethods: ['merge', 'squash'],
  autoMerge: true,
  base: { exists: true, isProtected: true, requiredChecks: ['millrace/review', 'ci'], requiredApprovals: 0 },
  limit: { remaining: 4000, limit: 5000, resetsAt: now + 600_000 },
};

type Change = Partial<Omit<ForgeInspection, 'base'>> & { readonly base?: Partial<ForgeInspection['base']> };

const ci = { ci: { timeoutMs: 60_000, fixes: 2 } };

function look(
  change: Change,
  { waits = true, ...wish }: Partial<ForgeWish> & { readonly landing: Landing; readonly waits?: boolean },
): readonly Diagnosis[] {
  const inspection = { ...good, ...change, base: { ...good.base, ...change.base } };
  const settings: ForgeWish = {
    repository: { key: 'shop', path: '/shop', remote: 'https://github.com/acme/shop.git', base: 'main' },
    forge: 'github',
    place: { url: 'https://github.com', owner: 'acme', name: 'shop' },
    ...(waits ? ci : {}),
    ...wish,
  };
  return forgeFindings(settings, { inspection, credential: 'gh auth token', now });
}

/** A right in a forge's own words, which decide nothing. */
const lack = (right: Right, words: string): MissingRight => ({ right, words });

const complaints = (findings: readonly Diagnosis[]) => findings.filter(({ state }) => state !== 'ok');

describe('what doctor says of a forge', () => {
  test('names the server, the account, the way to the credential, what is allowed and what is left', () => {
    expect(look({}, { landing: 'none' }).map(({ name, words }) => `${name}: ${words}`)).toEqual([
      'forge: GitHub at https://github.com: acme/shop (public), as bot, by gh auth token',
      'forge access: bot may push and open pull requests (write); scopes: repo',
      'forge protection: main requires millrace/review, ci',
      'forge limit: 4000 of 5000 requests are left, all of them again in 10 min',
      'forge trust: an issue is worked on if its author, or whoever set its label, may write here',
    ]);
  });

  test('says that a role is not yet the right of a token which tells of no scopes', () => {
    const access = (forge: ForgeWish['forge']) => look({ scopes: null }, { landing: 'none', forge })[1]?.words;
    expect(access('github')).toMatch(/\(write\); whether this token may write as well shows with its first write$/);
    expect(access('gitea')).toMatch(/\(write\)$/); // is asked by writes that cannot be
  });

  test.each(landings.filter((landing) => landing !== 'direct'))('has nothing against a good one for %s', (landing) => {
    expect(complaints(look({}, { landing }))).toEqual([]);
  });

  test.each(landings)('what is not ok has a mend, and only that has one, for %s', (landing) => {
    const bad: Change = {
      permission: 'read',
      missing: [lack('issues', 'issues: write'), lack('ci', 'checks: read'), lack('workflows', 'workflow')],
      mergeMethods: [],
      autoMerge: false,
      base: { isProtected: null, requiredChecks: null, requiredApprovals: 2 },
      limit: { remaining: 3, limit: 5000, resetsAt: now - 5 },
    };
    for (const { state, mend, words } of look(bad, { landing }))
      expect([words, mend === null]).toEqual([words, state === 'ok']);
  });

  // A row: what is so, the policy, and the one thing that is said against it; null: nothing.
  const rows: readonly (readonly [string, Change, Partial<ForgeWish> & { landing: Landing }, string | null])[] = [
    ['no merge method', { mergeMethods: [] }, { landing: 'none' }, null],
    ['no auto-merge', { autoMerge: false }, { landing: 'none' }, null],
    ['no rule', { base: { isProtected: false, requiredChecks: [] } }, { landing: 'none' }, null],
    ['approvals', { base: { requiredApprovals: 2 } }, { landing: 'none' }, null],
    [
      'no right to read CI',
      { missing: [lack('ci', 'checks: read')] },
      { landing: 'none' },
      'a red CI is not seen in full',
    ],
    [
      'a reader',
      { permission: 'read', missing: [lack('push', 'the right to write for bot')] },
      { landing: 'none' },
      'bot may not push here (read)',
    ],
    ['a stranger', { permission: 'none' }, { landing: 'merge' }, 'bot may not push here (none)'],
    [
      'no scope',
      { missing: [lack('issues', 'write:issue')] },
      { landing: 'none' },
      'needed for every policy, and missing: write:issue',
    ],
    ['an archive', { isArchived: true }, { landing: 'none' }, 'the repository is archived'],
    ['no issues', { hasIssues: false }, { landing: 'none' }, 'issues are switched off'],
    [
      'no right to CI files',
      { missing: [lack('workflows', 'workflow')] },
      { landing: 'none' },
      'files of CI cannot be pushed',
    ],
    [
      'no right to read CI',
      { missing: [lack('ci', 'checks: read')] },
      { landing: 'merge' },
      '`landing: merge` does not see all of CI',
    ],
    ['no base', { base: { exists: false } }, { landing: 'none' }, 'there is no branch main'],
    ['no rule', { base: { isProtected: false, requiredChecks: [] } }, { landing: 'merge' }, 'main requires no status'],
    [
      'other rules',
      { base: { requiredChecks: ['ci'] } },
      { landing: 'merge' },
      'main requires ci, not millrace/review',
    ],
    [
      'unknown rules',
      { base: { requiredChecks: null } },
      { landing: 'auto-merge' },
      'does not tell what main requires',
    ],
    [
      'other rules',
      { base: { requiredChecks: ['ci'] } },
      { landing: 'auto-merge' },
      'main requires ci, not millrace/review: the forge binds a scheduled merge to the reviewed commit only when it is asked',
    ],
    [
      'approvals',
      { base: { requiredApprovals: 1 } },
      { landing: 'merge' },
      'requires 1 approving review, and bot cannot',
    ],
    ['a protected base', {}, { landing: 'direct' }, 'main is protected'],
    ['a method that is off', { mergeMethods: ['squash'] }, { landing: 'merge' }, 'does not allow the method merge'],
    ['no auto-merge', { autoMerge: false }, { landing: 'auto-merge' }, 'is off in this repository'],
    ['no auto-merge', { autoMerge: false }, { landing: 'auto-merge', forge: 'gitea' }, null],
    ['no auto-merge', { autoMerge: false }, { landing: 'merge' }, null],
    ['few requests left', { limit: { remaining: 99, limit: 1000, resetsAt: now } }, { landing: 'none' }, '99 of 1000'],
    ['no limit', { limit: null }, { landing: 'merge' }, null],
  ];
  test.each(rows)('%s: %j under %j', (_title, change, wish, says) => {
    const said = complaints(look(change, wish)).map(({ words }) => words);
    expect(said).toEqual(says === null ? [] : [expect.stringContaining(says)]);
  });

  test('where Millrace itself merges, by sha, a later push is not warned of', () => {
    const unruled: Change = { base: { requiredChecks: ['ci'] } };
    const said = (change: Change, wish: Partial<ForgeWish> & { readonly landing: Landing }) =>
      complaints(look(change, wish)).find(({ name }) => name === 'forge protection');
    const scheduled = said(unruled, { landing: 'auto-merge' });
    expect(scheduled?.words).toContain('merges unreviewed');
    expect(scheduled?.mend).toContain('make `millrace/review` a required status of main');
    for (const other of [
      said({ ...unruled, autoMerge: false }, { landing: 'auto-merge' }),
      said(unruled, { landing: 'auto-merge', forge: 'gitea' }),
      said(unruled, { landing: 'merge' }),
    ])
      expect(other?.words).toBe('main requires ci, not millrace/review');
  });

  test('the mend of a method names one that is allowed', () => {
    const found = look({ mergeMethods: ['squash', 'rebase'] }, { landing: 'merge' }).find(
      ({ name }) => name === 'forge merge',
    );
    expect(found?.mend).toContain('`landing: { policy: merge, method: squash }`');
  });

  test('rights to read CI are not missed where it is neither waited for nor merged on', () => {
    const missing = [lack('ci', 'actions: read'), lack('ci', 'checks: read')];
    expect(complaints(look({ missing }, { landing: 'none', waits: false }))).toEqual([]);
    expect(complaints(look({ missing }, { landing: 'merge', waits: false }))).toHaveLength(2);
  });

  test('what a right is called decides nothing', () => {
    const named = (words: string) => complaints(look({ missing: [lack('issues', words)] }, { landing: 'none' }));
    for (const words of ['checks: read', 'the right to push', 'workflow'])
      expect(named(words).map(({ state }) => state)).toEqual(['broken']);
  });

  test('only a private repository may trust anyone', () => {
    const words = (isPrivate: boolean) =>
      look({ isPrivate }, { landing: 'none' }).find(({ name }) => name === 'forge trust')?.words ?? '';
    expect(words(true)).toContain('--trust-anyone');
    expect(words(false)).not.toContain('--trust-anyone');
  });
});

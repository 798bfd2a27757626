import { expect, test } from 'vitest';
import { UsageError } from '../../../client/input/errors.ts';
import { requireOwnLinks } from '../../../client/forge/issue-link.ts';
import { parseSelection, skipNotices, type SelectionFlags } from '../../../client/forge/selection.ts';

const query = { kind: 'query', labels: [], milestone: null, assignee: null, search: null, limit: null } as const;

test('numbers are issues of the forge, with or without a #, and anything else is a plan', () => {
  const numbers = (...all: number[]) => ({
    kind: 'forge',
    request: { by: { kind: 'numbers', numbers: all }, trustAnyone: false },
    links: [],
  });
  expect(parseSelection(['42', '#43', '44'], {})).toEqual(numbers(42, 43, 44));
  expect(parseSelection(['007'], {})).toEqual(numbers(7));
  expect(parseSelection(['plan.yaml'], {})).toEqual({ kind: 'plan', plan: 'plan.yaml' });
  expect(parseSelection(['./42'], {})).toEqual({ kind: 'plan', plan: './42' });
  expect(parseSelection(['plan.yaml'], { issue: ['a=b'] })).toEqual({ kind: 'plan', plan: 'plan.yaml' });
  expect(parseSelection([], { issue: ['a=b'] })).toEqual({ kind: 'plan', plan: null });
});

test('flags select by what issues carry', () => {
  const flags = { label: ['ready', ' ui '], milestone: 'v1', assignee: '@ann', search: 'a\u0007 b', limit: '5' };
  expect(parseSelection([], { ...flags, trustAnyone: true })).toEqual({
    kind: 'forge',
    request: {
      by: { kind: 'query', labels: ['ready', 'ui'], milestone: 'v1', assignee: 'ann', search: 'a b', limit: 5 },
      trustAnyone: true,
    },
    links: [],
  });
  for (const assignee of ['@me', 'me', 'o.k_y-1', 'helper[bot]'])
    expect(parseSelection([], { assignee })).toMatchObject({ request: { by: { ...query, assignee } } });
  expect(parseSelection([], { limit: '3' })).toMatchObject({ request: { by: { ...query, limit: 3 } } });
});

test.for<[string, readonly string[], SelectionFlags, readonly string[]]>([
  ['numbers and a plan', ['42', 'plan.yaml'], {}, ['numbers of issues and the plan "plan.yaml"', 'steer --add']],
  ['numbers and a label', ['42'], { label: ['x'] }, ['numbers of issues and --label', 'steer --add']],
  ['a label and a plan', ['plan.yaml'], { label: ['x'] }, ['--label and the plan', 'steer --add']],
  ['numbers and --issue', ['42'], { issue: ['a=b'] }, ['numbers of issues and --issue', 'steer --add']],
  ['two plans', ['a.yaml', 'b.yaml'], {}, ['"a.yaml" and "b.yaml" are two plans', 'steer --add PLAN']],
  ['the number 0', ['0'], {}, ['0: there is no issue of that number: issues are numbered from 1', '42']],
  ['a negative number', ['-5'], {}, ['-5: there is no issue of that number', 'no negative numbers', '42']],
  ['a pull request', ['https://github.com/a/b/pull/7'], {}, ['pull/7: is the address of a pull request', 'issues/42']],
  ['another address', ['https://github.com/a/b'], {}, ['https://github.com/a/b: is not the address of an issue']],
  ['an address and a plan', ['https://h/a/b/issues/1', 'x.yaml'], {}, ['numbers of issues and the plan "x.yaml"']],
  ['a number of thirty digits', ['9'.repeat(30)], {}, ['no issue of that number']],
  ['an empty label', [], { label: [' \u200b'] }, ['--label', 'not a label']],
  ['an empty milestone', [], { milestone: '' }, ['--milestone', 'v1.2']],
  ['a search of 1,000 characters', [], { search: 'x'.repeat(1000) }, ['--search', 'not 1 to 200']],
  [
    'an assignee who is nobody',
    [],
    { assignee: 'none' },
    ['--assignee', '"none" is not the name of an account', '@me'],
  ],
  ['an assignee who is anybody', [], { assignee: '*' }, ['--assignee', '"*" is not the name of an account', 'alice']],
  ['an assignee in two words', [], { assignee: 'ann lee' }, ['--assignee', '"ann lee" is not the name of an account']],
  ['a limit of 0', [], { limit: '0' }, ['--limit', 'from 1 to 10000']],
  ['a limit in words', [], { limit: 'all' }, ['--limit', '"all"']],
  ['trust without an issue of a forge', ['plan.yaml'], { trustAnyone: true }, ['--trust-anyone', 'leave it out']],
])('%s: refused with the mend', ([, args, flags, says]) => {
  let thrown: unknown = null;
  try {
    parseSelection(args, flags);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(UsageError);
  for (const words of says) expect((thrown as UsageError).message).toContain(words);
});

test.for([
  ['https://github.com/Acme/Shop/issues/42#issuecomment-1', 'https://github.com', 'acme', 'shop'],
  ['http://www.github.com/acme/shop/issues/42?x=y', 'https://github.com', 'acme', 'shop'],
  ['https://host.example:3000/git/acme/shop/issues/42/', 'https://host.example:3000/git', 'acme', 'shop'],
])('the address of an issue is its number: %s', ([typed, url, owner, name]) => {
  const source = parseSelection([typed!, '7'], {});
  expect(source).toMatchObject({ kind: 'forge', request: { by: { kind: 'numbers', numbers: [42, 7] } } });
  const links = source.kind === 'forge' ? source.links : [];
  const own = { url: url!, owner: owner!, name: name! };
  expect(() => requireOwnLinks(links, own)).not.toThrow();
  for (const other of [
    { ...own, url: 'https://other.example' },
    { ...own, owner: 'me' },
    { ...own, name: 'shops' },
  ])
    expect(() => requireOwnLinks(links, other)).toThrow(/is an issue of [^]*try: start another batch in a clone of/);
});

test('what is skipped is told, at most twenty of it, and none of it writes to the terminal', () => {
  const issue = (id: number) => ({
    id: String(id),
    key: String(id),
    title: '',
    priority: 'medium' as const,
    dependencies: [],
    files: [],
    body: '',
    labels: [],
    textHash: '',
    skip: id % 2 ? `it has the label \u001b[31m${id}` : null,
  });
  const issues = Array.from({ length: 50 }, (_, index) => issue(index));
  const notices = skipNotices({ version: 1, name: 'x', issues });
  expect(notices).toHaveLength(21);
  expect(notices[0]).toBe('#1 is skipped: it has the label [31m1');
  expect(notices.at(-1)).toBe('and 5 more are skipped');
});

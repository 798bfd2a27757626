import { isDeepStrictEqual } from 'node:util';
import { readFile, stat, symlink, writeFile, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { UsageError } from '../../../client/input/errors.ts';
import { withNumbers, writeNumbers } from '../../../client/plan/numbers.ts';
import { parseYaml } from '../../../client/input/yaml.ts';
import { temporaryFolder } from '../../support/git/user-repository.ts';

const numbers = new Map([
  ['a', 17],
  ['b', 18],
]);
const inYaml = (text: string) => withNumbers({ name: 'plan.yaml', text }, numbers).text;
const inJson = (text: string) => withNumbers({ name: 'tasks.json', text }, numbers).text;

describe('numbers of issues in a plan', () => {
  test('stand below the id; comments, blank lines, quotes and odd spaces stay', () => {
    const before = `# The plan of the summer.
metadata: {name:   summer}   # odd spaces

tasks:
  # first of all
  - id: a          # the id
    name:  'It''s "quoted"'

    dependencies: [ ]
    body: |
      id: b
        kept
  -   priority: high
      "id": "b"

# the end
`;
    expect(inYaml(before)).toBe(
      before
        .replace('# the id\n', '# the id\n    issue: 17\n')
        .replace('      "id": "b"\n', '      "id": "b"\n      "issue": 18\n'),
    );
  });

  test.each([
    [
      'a line that was left empty',
      'tasks:\n- id: a\n  issue:\n  body: x\n',
      'tasks:\n- id: a\n  issue: 17\n  body: x\n',
    ],
    ['null', 'tasks:\n- id: a\n  issue: ~ # none\n', 'tasks:\n- id: a\n  issue: 17 # none\n'],
    ['one line', 'tasks: [{id: a, body: x}]\n', 'tasks: [{id: a, issue: 17, body: x}]\n'],
    ['one line with spaces', 'tasks:\n - { id: a, body: x }\n', 'tasks:\n - { id: a, issue: 17, body: x }\n'],
    ['no end of line', 'tasks:\n- body: x\n  id: a', 'tasks:\n- body: x\n  id: a\n  issue: 17'],
    [
      'ends of line of Windows',
      'tasks:\r\n- id: a\r\n  body: x\r\n',
      'tasks:\r\n- id: a\r\n  issue: 17\r\n  body: x\r\n',
    ],
    [
      'an id on lines of its own',
      'tasks:\n- id: >-\n    a\n  body: x\n',
      'tasks:\n- id: >-\n    a\n  issue: 17\n  body: x\n',
    ],
    ['an anchor', 'tasks:\n- &t\n  id: &i a\n  body: x\n', 'tasks:\n- &t\n  id: &i a\n  issue: 17\n  body: x\n'],
    ['a byte order mark', '\uFEFFtasks:\n- id: a\n', '\uFEFFtasks:\n- id: a\n  issue: 17\n'],
    ['a number that is there', 'tasks:\n- id: a\n  issue: 3\n', 'tasks:\n- id: a\n  issue: 3\n'],
  ])('%s', (_what, before, after) => {
    expect(inYaml(before)).toBe(after);
    expect(inYaml(after)).toBe(after);
  });

  test.each([
    ['one line', '{"a": {"instructions": "x"}}', '{"a": {"instructions": "x", "issue": 17}}'],
    [
      'many lines',
      '{\n  "a": {\n    "instructions": "x",\n    "files": []\n  }\n}\n',
      '{\n  "a": {\n    "instructions": "x",\n    "issue": 17,\n    "files": []\n  }\n}\n',
    ],
    [
      'tabs',
      '{\n\t"b": {\n\t\t"files": [],\n\t\t"issue": null\n\t}\n}',
      '{\n\t"b": {\n\t\t"files": [],\n\t\t"issue": 18\n\t}\n}',
    ],
  ])('tasks.json on %s', (_what, before, after) => {
    expect(inJson(before)).toBe(after);
    expect(() => JSON.parse(after)).not.toThrow();
  });

  test('of tasks that are gone are told', () => {
    expect(withNumbers({ name: 'plan.yaml', text: 'tasks:\n- id: b\n' }, numbers).absent).toEqual(['a']);
  });

  test.each(['tasks:\n- ? id\n  : a\n', 'x: &t { id: a, body: y }\ntasks: [*t]\n'])(
    'are not put where more would change: %j',
    (text) => {
      expect(() => inYaml(text)).toThrow(UsageError);
    },
  );

  test('change nothing else, whatever a plan looks like', () => {
    const value = fc.oneof(fc.string({ maxLength: 30 }), fc.integer(), fc.constant(null), fc.boolean());
    const task = fc.record({
      id: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }),
      body: fc.string({ maxLength: 200, unit: fc.constantFrom('a', ' ', '\n', '#', ':', '-', '"', '{') }),
      more: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value, { maxKeys: 3 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(task, { minLength: 1, maxLength: 6, selector: ({ id }) => id }),
        fc.record({
          collectionStyle: fc.constantFrom<'any' | 'block' | 'flow'>('any', 'block', 'flow'),
          indent: fc.integer({ min: 1, max: 6 }),
        }),
        (tasks, style) => {
          const text = stringify({ tasks }, style);
          // A few of these texts are not what `stringify` was given, and some no YAML at all.
          const read = parseDocument(text);
          fc.pre(read.errors.length === 0 && isDeepStrictEqual(read.toJS(), { tasks }));
          const before = parseYaml({ name: 'plan.yaml', text }).value as { readonly tasks: typeof tasks };
          const all = new Map(before.tasks.map(({ id }, index) => [id.normalize('NFC'), index + 1]));
          const written = withNumbers({ name: 'plan.yaml', text }, all).text;
          const after = parseYaml({ name: 'plan.yaml', text: written }).value;
          expect(after).toEqual({ tasks: before.tasks.map((each, index) => ({ ...each, issue: index + 1 })) });
          expect(withNumbers({ name: 'plan.yaml', text: written }, all).text).toBe(written);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('are written to the file that a link leads to, whose rights stay', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'real.yaml');
    await writeFile(path, 'tasks:\n- id: a\n', { mode: 0o640 });
    await symlink('real.yaml', join(folder, 'plan.yaml'));
    expect(await writeNumbers({ path: join(folder, 'plan.yaml'), name: 'plan.yaml' }, numbers)).toEqual(['b']);
    expect(await readFile(path, 'utf8')).toBe('tasks:\n- id: a\n  issue: 17\n');
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect((await lstat(join(folder, 'plan.yaml'))).isSymbolicLink()).toBe(true);
  });
});

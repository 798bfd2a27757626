import type { BadInput } from './bad-input.ts';
import { planOf } from './good-input.ts';
import type { Files } from '../git/user-repository.ts';

function task(content: string | Uint8Array): Files {
  return { 'tasks/a.md': content };
}

const inline = (id: string, rest = '') => `{ id: ${id}, instructions: do it${rest} }`;

/** Plans of both formats, and task files. */
export const badPlans: readonly BadInput[] = [
  { title: 'no such plan', args: ['paln.yaml'], says: ['paln.yaml', 'no such plan', 'correct the name'] },
  { title: 'a folder without a plan', args: ['tasks'], says: ['tasks', 'no plan in this folder', 'plan.yaml'] },
  { title: 'a plan of another kind', args: ['tasks/a.md'], says: ['tasks/a.md', '.yaml', '--issue'] },
  {
    title: 'broken YAML in a plan',
    files: { 'plan.yaml': 'tasks:\n  - id: a: b\n' },
    says: ['plan.yaml:2:', 'not valid YAML', 'try:'],
  },
  { title: 'an empty plan', files: { 'plan.yaml': '' }, says: ['plan.yaml:1:1', 'a mapping', 'not nothing'] },
  {
    title: 'a plan without tasks',
    files: { 'plan.yaml': 'metadata: { name: x }\ntaks: []\n' },
    says: ['plan.yaml:2:1', 'did you mean "tasks"?'],
  },
  {
    title: 'an empty list of tasks',
    files: { 'plan.yaml': 'tasks: []\n' },
    says: ['plan.yaml:1:8', 'must not be empty'],
  },
  {
    title: 'a plan of 2 MB',
    files: { 'plan.yaml': `# ${'x'.repeat(2_000_000)}\n` },
    says: ['plan.yaml', '1048576', 'split it'],
  },
  {
    title: 'deep nesting in a plan',
    files: { 'plan.yaml': `tasks:\n${'- '.repeat(100_000)}` },
    says: ['plan.yaml:2:', 'nested deeper', 'write it flat'],
  },
  {
    title: 'a task without an id',
    files: { 'plan.yaml': planOf('{ file: tasks/a.md }') },
    says: ['plan.yaml:4:5', 'tasks.0.id is missing', 'task-1'],
  },
  {
    title: 'an unknown key in a task',
    files: { 'plan.yaml': planOf(inline('a', ', priorty: high')) },
    says: ['plan.yaml:4:', 'did you mean "priority"?'],
  },
  {
    title: 'an unknown priority',
    files: { 'plan.yaml': planOf(inline('a', ', priority: hihg')) },
    says: ['plan.yaml:4:', 'did you mean "high"?'],
  },
  {
    title: 'an issue that is no number',
    files: { 'plan.yaml': planOf(inline('a', ', issue: next')) },
    says: ['plan.yaml:4:', 'tasks.0.issue', 'must be the number of an issue', '17'],
  },
  {
    title: 'the issue 0',
    files: { 'tasks.json': '{"a": {"instructions": "do it", "issue": 0}}' },
    args: ['tasks.json'],
    says: ['tasks.json:1:', 'a.issue'],
  },
  {
    title: 'an issue in a front matter that is none',
    files: task('---\nissue: [1]\n---\n# Do a\n'),
    says: ['tasks/a.md:2:', 'issue'],
  },
  {
    title: 'one issue for two tasks',
    files: { 'plan.yaml': planOf(inline('a', ', issue: 17'), inline('b', ", issue: '#17'")) },
    says: ['plan.yaml:5:', '"a" and "b" are both issue #17', 'correct one'],
  },
  {
    title: 'an unknown status',
    files: { 'plan.yaml': planOf(inline('a', ', status: complete')) },
    says: ['plan.yaml:4:', 'did you mean "completed"?'],
  },
  {
    title: 'dependencies as a text',
    files: { 'plan.yaml': planOf(inline('a'), inline('b', ', dependencies: a')) },
    says: ['plan.yaml:5:', 'must be a list', '[ task-1, task-2 ]'],
  },
  {
    title: 'an unknown dependency',
    files: { 'plan.yaml': planOf(inline('setup'), inline('b', ', dependencies: [setpu]')) },
    says: ['plan.yaml:5:', '"setpu"', 'did you mean "setup"?'],
  },
  {
    title: 'a task that waits for itself',
    files: { 'plan.yaml': planOf(inline('a', ', dependencies: [a]')) },
    says: ['plan.yaml:4:', 'depends on itself', 'remove it'],
  },
  {
    title: 'a circle',
    files: {
      'plan.yaml': planOf(
        inline('a', ', dependencies: [b]'),
        inline('b', ', dependencies: [c]'),
        inline('c', ', dependencies: [a]'),
      ),
    },
    says: ['plan.yaml:4:', 'a -> b -> c -> a', 'remove one of these dependencies'],
  },
  {
    title: 'a duplicate id',
    files: { 'plan.yaml': planOf(inline('a'), inline('a')) },
    says: ['plan.yaml:5:', 'appears twice, first at plan.yaml:4:', 'another id'],
  },
  {
    title: 'ids that differ in case',
    files: { 'plan.yaml': planOf(inline('Login'), inline('login')) },
    says: ['plan.yaml:5:', 'share a branch', 'upper and lower case'],
  },
  {
    title: 'an id with control characters',
    files: { 'plan.yaml': planOf(inline('"a\\e[2Jb"')) },
    says: ['plan.yaml:4:', 'control characters', 'write it anew'],
  },
  {
    title: 'an id of 101 characters',
    files: { 'plan.yaml': planOf(inline('x'.repeat(101))) },
    says: ['plan.yaml:4:', 'more than 100 characters', 'shorter'],
  },
  {
    title: 'a task without a text',
    files: { 'plan.yaml': planOf('{ id: a, name: A }') },
    says: ['plan.yaml:4:', 'has no text', 'file: tasks/NAME.md'],
  },
  {
    title: 'a task with two texts',
    files: { 'plan.yaml': planOf(inline('a', ', file: tasks/a.md')) },
    says: ['plan.yaml:4:', 'more than one text', 'either'],
  },
  {
    title: 'a path that leaves the repository',
    files: { 'plan.yaml': planOf(inline('a', ', files: [../../etc/passwd]')) },
    says: ['plan.yaml:4:', 'inside the repository', 'src/'],
  },
  {
    title: 'a missing task file',
    files: { 'plan.yaml': planOf('{ id: z, file: tasks/z.md }') },
    says: ['plan.yaml:4:', 'tasks/z.md', 'ENOENT', 'correct its name'],
  },
  {
    title: 'a folder as a task file',
    files: { 'plan.yaml': planOf('{ id: a, file: tasks }') },
    says: ['plan.yaml:4:', 'not a regular file', 'name a file'],
  },
  {
    title: 'a device as a task file',
    files: { 'plan.yaml': planOf('{ id: a, file: /dev/zero }') },
    says: ['plan.yaml:4:', 'not a regular file'],
  },
  {
    title: 'a task file from elsewhere',
    files: { 'plan.yaml': planOf('{ id: a, file: /etc/hostname }') },
    says: ['plan.yaml:4:', 'outside', 'beside the plan'],
  },
  {
    title: 'a task file of 300 KB',
    files: task('x'.repeat(300_000)),
    says: ['plan.yaml:4:', 'tasks/a.md', '262144', 'split it'],
  },
  {
    title: 'a task file that is not UTF-8',
    files: task(Uint8Array.of(0x23, 0x20, 0xc3, 0x28)),
    says: ['plan.yaml:4:', 'UTF-8'],
  },
  {
    title: 'an empty task file',
    files: task('---\nid: a\n---\n\n'),
    says: ['plan.yaml:4:', 'no text that says what to do', 'Markdown'],
  },
  {
    title: 'front matter that is not closed',
    files: task('---\nid: a\n# A\n'),
    says: ['tasks/a.md:1:1', 'not closed', '`---`'],
  },
  { title: 'broken front matter', files: task('---\nid: [a\n---\n# A\n'), says: ['tasks/a.md:', 'not valid YAML'] },
  {
    title: 'an unknown key in front matter',
    files: task('---\nid: a\ndepends: [b]\nstaus: pending\n---\n# A\n'),
    says: ['tasks/a.md:4:1', 'did you mean "status"?', 'tasks/a.md:3:1'],
  },
  {
    title: 'a task file of another task',
    files: task('---\nid: other\n---\n# A\n'),
    says: ['tasks/a.md:2:5', '"other"', 'plan.yaml:4:'],
  },
  {
    title: 'an unknown dependency in front matter',
    files: task('---\nid: a\ndependencies:\n  - bb\n---\n# A\n'),
    says: ['tasks/a.md:4:5', '"bb"', 'did you mean "b"?'],
  },
  {
    title: 'several mistakes at once',
    files: { 'plan.yaml': planOf(inline('a', ', dependencies: [x]'), inline('b', ', dependencies: [b]')) },
    says: ['plan.yaml:4:', 'plan.yaml:5:', 'depends on itself'],
  },
  {
    title: 'broken JSON',
    files: { 'tasks.json': '{\n  "a": { "instructions": "x", }\n}\n' },
    args: ['tasks.json'],
    says: ['tasks.json:2:', 'not JSON', 'no comma before'],
  },
  {
    title: 'JSON cut short',
    files: { 'tasks.json': '{ "a": {' },
    args: ['tasks.json'],
    says: ['tasks.json:1:9', 'not JSON'],
  },
  {
    title: 'JSON with a duplicate id',
    files: { 'tasks.json': '{\n "a": { "instructions": "x" },\n "a": { "instructions": "y" } }' },
    args: ['tasks.json'],
    says: ['tasks.json:3:2', 'appears twice', 'keep one'],
  },
  {
    title: 'JSON without an issue',
    files: { 'tasks.json': '{}' },
    args: ['tasks.json'],
    says: ['tasks.json:1:1', 'no issue', '"instructions"'],
  },
  {
    title: 'JSON without instructions',
    files: { 'tasks.json': '{ "a": { "files": ["x"] } }' },
    args: ['tasks.json'],
    says: ['tasks.json:1:', 'a.instructions is missing', 'write for example'],
  },
  {
    title: 'JSON with an unknown key',
    files: { 'tasks.json': '{ "a": { "instruction": "x" } }' },
    args: ['tasks.json'],
    says: ['tasks.json:1:10', 'did you mean "instructions"?'],
  },
  {
    title: 'JSON with a __proto__',
    files: { 'tasks.json': '{ "__proto__": { "instructions": "x" } }' },
    args: ['tasks.json'],
    says: ['tasks.json:1:', '__proto__', 'remove it'],
  },
  {
    title: 'JSON nested 100,000 levels deep',
    files: { 'tasks.json': '['.repeat(100_000) + ']'.repeat(100_000) },
    args: ['tasks.json'],
    says: ['tasks.json:1:', 'nested deeper'],
  },
];

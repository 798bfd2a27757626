import type { Files } from './user-repository.ts';

/** Input that is refused at the door: what lies in the repository, what is typed, and what the answer has to say. */
export interface BadInput {
  readonly title: string;
  /** Over `goodFiles`; committed on main. */
  readonly files?: Files;
  /** In the working tree only. */
  readonly uncommitted?: Files;
  /** What follows `start-batch`; default: the good plan. */
  readonly args?: readonly string[];
  /** `none`: a folder without git; `unborn`: no commit yet. Default: one commit. */
  readonly repository?: 'none' | 'unborn';
  /** URL of the remote `origin`. */
  readonly origin?: string;
  /** Where and how to mend, at least; all of these are in the answer. */
  readonly says: readonly string[];
}

/** A configuration and a plan with which nothing is wrong. */
export const goodFiles: Files = {
  'millrace.yaml': 'profiles:\n  script: { agent: command, run: [node, agent.mjs] }\n',
  'plan.yaml': plan('{ id: a, file: tasks/a.md }', '{ id: b, file: tasks/b.md, dependencies: [a] }'),
  'tasks/a.md': '---\nid: a\nstatus: pending\n---\n# Do a\n',
  'tasks/b.md': '# Do b\n',
};

function plan(...tasks: readonly string[]): string {
  return `metadata:\n  name: test\ntasks:\n${tasks.map((task) => `  - ${task}\n`).join('')}`;
}

function config(...lines: readonly string[]): Files {
  return { 'millrace.yaml': `${goodFiles['millrace.yaml']}${lines.map((line) => `${line}\n`).join('')}` };
}

function task(content: string | Uint8Array): Files {
  return { 'tasks/a.md': content };
}

const inline = (id: string, rest = '') => `{ id: ${id}, instructions: do it${rest} }`;

const badConfigs: readonly BadInput[] = [
  {
    title: 'no millrace.yaml at all',
    files: { 'millrace.yaml': '' },
    says: ['millrace.yaml:1:1', 'no profile', 'agent: command'],
  },
  {
    title: 'profiles left empty',
    files: { 'millrace.yaml': 'version: 1\nprofiles:\n' },
    says: ['millrace.yaml:2:1', 'no profile', 'add one'],
  },
  {
    title: 'a config that is a list',
    files: { 'millrace.yaml': '- a\n' },
    says: ['millrace.yaml:1:1', 'a mapping', 'not a list'],
  },
  {
    title: 'broken YAML',
    files: { 'millrace.yaml': 'profiles: { a: [ }\n' },
    says: ['millrace.yaml:1:', 'not valid YAML', 'mend:'],
  },
  {
    title: 'tabs as indentation',
    files: { 'millrace.yaml': 'batch:\n\twidth: 3\n' },
    says: ['millrace.yaml:2:1', 'indent with spaces'],
  },
  {
    title: 'a duplicate key',
    files: config('landing: none', 'landing: direct'),
    says: ['millrace.yaml:4:1', '"landing" is there twice', 'keep one'],
  },
  {
    title: 'a __proto__ key',
    files: config('__proto__: { landing: direct }'),
    says: ['millrace.yaml:3:1', '__proto__', 'remove it'],
  },
  { title: 'a tag', files: config('landing: !!js/function x'), says: ['millrace.yaml:3:', 'tag', 'remove'] },
  {
    title: 'two documents',
    files: config('---', 'landing: none'),
    says: ['millrace.yaml:3:', 'second YAML document', 'remove the `---`'],
  },
  {
    title: 'an alias bomb',
    files: { 'millrace.yaml': aliasBomb() },
    says: ['millrace.yaml:', 'too many values', 'remove the aliases'],
  },
  {
    title: 'an alias of itself',
    files: { 'millrace.yaml': 'profiles: &a { x: *a }\n' },
    says: ['millrace.yaml:1:', 'nested deeper', 'write it flat'],
  },
  {
    title: 'deep nesting',
    files: { 'millrace.yaml': `checks: ${'['.repeat(50_000)}` },
    says: ['millrace.yaml:1:', 'nested deeper', 'write it flat'],
  },
  {
    title: 'a config of 200 KB',
    files: { 'millrace.yaml': `# ${'x'.repeat(200_000)}\n` },
    says: ['millrace.yaml on main', '131072', 'mend:'],
  },
  {
    title: 'a config that is not UTF-8',
    files: { 'millrace.yaml': Uint8Array.of(0x61, 0xff, 0xfe) },
    says: ['millrace.yaml on main', 'UTF-8'],
  },
  {
    title: 'an unknown key',
    files: config('lading: none'),
    says: ['millrace.yaml:3:1', 'unknown key "lading"', 'did you mean "landing"?'],
  },
  {
    title: 'an unknown key inside',
    files: config('batch: { witdh: 3 }'),
    says: ['millrace.yaml:3:10', 'in batch', 'did you mean "width"?'],
  },
  { title: 'another version', files: config('version: 2'), says: ['millrace.yaml:3:10', 'version', 'allowed here: 1'] },
  {
    title: 'an unknown landing',
    files: config('landing: dirct'),
    says: ['millrace.yaml:3:10', 'did you mean "direct"?'],
  },
  {
    title: 'a landing that is not there yet',
    files: config('landing: auto-merge'),
    says: ['millrace.yaml:3:10', 'not yet `auto-merge`', 'landing: none'],
  },
  {
    title: 'an unknown forge',
    files: config('forge: gitlab'),
    says: ['millrace.yaml:3:8', 'allowed here: auto, local, github, gitea'],
  },
  {
    title: 'a forge that is not there yet',
    files: config('forge: github'),
    says: ['millrace.yaml:3:8', 'forge: local'],
  },
  {
    title: 'an origin on the network',
    files: goodFiles,
    origin: 'https://user:secret@example.com/x.git',
    says: ['millrace.yaml:', 'https://example.com/x.git', 'forge: local'],
  },
  {
    title: 'an origin by ssh',
    files: goodFiles,
    origin: 'git@example.com:x/y.git',
    says: ['millrace.yaml:', 'forge: local'],
  },
  {
    title: 'an origin that runs a program',
    files: goodFiles,
    origin: 'ext::sh -c true',
    says: ['helper program', 'git remote set-url'],
  },
  {
    title: 'an origin that is not there',
    files: goodFiles,
    origin: './nowhere.git',
    says: ['origin (', 'nowhere.git', 'git remote'],
  },
  { title: 'an unknown sandbox', files: config('sandbox: on'), says: ['millrace.yaml:3:10', 'auto, required, off'] },
  {
    title: 'a sandbox that is not there yet',
    files: config('sandbox: required'),
    says: ['millrace.yaml:3:10', 'sandbox: off'],
  },
  {
    title: 'a base that does not exist',
    files: config('repository: { base: mian }'),
    says: ['millrace.yaml:3:21', '"mian"', 'did you mean "main"?'],
  },
  {
    title: 'a base that is an option',
    files: config('repository: { base: --upload-pack=x }'),
    says: ['millrace.yaml:3:21', "can't be the name of a branch"],
  },
  {
    title: 'a path to no repository',
    files: config('repository: { path: nowhere }'),
    says: ['millrace.yaml:3:21', 'repository.path', 'git repository'],
  },
  {
    title: 'an unknown agent',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: cluade }\n' },
    says: ['millrace.yaml:2:15', 'did you mean "claude"?'],
  },
  {
    title: 'an agent that is not there yet',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: claude }\n' },
    says: ['millrace.yaml:2:15', '`command` agents only', 'agent: command'],
  },
  {
    title: 'a command agent without a program',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: command }\n' },
    says: ['millrace.yaml:2:6', 'needs the program', 'run: ['],
  },
  {
    title: 'a program for another agent',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: codex, run: [codex] }\n' },
    says: ['millrace.yaml:2:22', '`run` is for the agent `command`', 'args'],
  },
  {
    title: 'a program as one text',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: command, run: node agent.mjs }\n' },
    says: ['millrace.yaml:2:29', 'must be a list', '[ npm, test ]'],
  },
  {
    title: 'a number as an argument',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: command, run: [sleep, 5] }\n' },
    says: ['millrace.yaml:2:37', 'in quotes: "5"'],
  },
  {
    title: 'a name of a profile with spaces',
    files: { 'millrace.yaml': 'profiles:\n  a b: { agent: codex }\n' },
    says: ['millrace.yaml:2:8', 'not a name', 'choose another name'],
  },
  {
    title: 'an unknown role',
    files: config('roles: { implment: script }'),
    says: ['millrace.yaml:3:10', 'did you mean "implement"?'],
  },
  {
    title: 'a role without a profile',
    files: config('roles: { review: scirpt }'),
    says: ['millrace.yaml:3:18', 'did you mean "script"?'],
  },
  {
    title: 'an unknown fallback',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: codex, fallback: y }\n' },
    says: ['millrace.yaml:2:32', 'no profile "y"', 'allowed here: x'],
  },
  {
    title: 'fallbacks in a circle',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: codex, fallback: y }\n  y: { agent: codex, fallback: x }\n' },
    says: ['millrace.yaml:2:32', 'x -> y -> x', 'remove one'],
  },
  {
    title: 'a duration without a unit',
    files: config('checks: [{ name: t, run: [t], timeout: 10 }]'),
    says: ['millrace.yaml:3:', 'duration', '10m'],
  },
  {
    title: 'a duration of nothing',
    files: config('checks: [{ name: t, run: [t], timeout: 0m }]'),
    says: ['millrace.yaml:3:', 'between 1ms and 24h', '45m'],
  },
  {
    title: 'two checks of one name',
    files: config('checks: [{ name: t, run: [t] }, { name: t, run: [u] }]'),
    says: ['millrace.yaml:3:', 'two checks', 'its own name'],
  },
  {
    title: 'a file to copy from elsewhere',
    files: config('worktree: { copy: [../../.ssh/id_rsa] }'),
    says: ['millrace.yaml:3:', 'inside the repository'],
  },
  {
    title: 'a width of nothing',
    files: config('batch: { width: 0 }'),
    says: ['millrace.yaml:3:17', 'at least 1', 'write for example `4`'],
  },
  {
    title: 'rounds in words',
    files: config('review: { rounds: three }'),
    says: ['millrace.yaml:3:19', 'a number, not the text "three"'],
  },
];

const badPlans: readonly BadInput[] = [
  { title: 'no such plan', args: ['paln.yaml'], says: ['paln.yaml', 'no such plan', 'correct the name'] },
  { title: 'a folder without a plan', args: ['tasks'], says: ['tasks', 'no plan in this folder', 'plan.yaml'] },
  { title: 'a plan of another kind', args: ['tasks/a.md'], says: ['tasks/a.md', '.yaml', '--issue'] },
  {
    title: 'broken YAML in a plan',
    files: { 'plan.yaml': 'tasks:\n  - id: a: b\n' },
    says: ['plan.yaml:2:', 'not valid YAML', 'mend:'],
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
    files: { 'plan.yaml': plan('{ file: tasks/a.md }') },
    says: ['plan.yaml:4:5', 'tasks.0.id is missing', 'task-1'],
  },
  {
    title: 'an unknown key in a task',
    files: { 'plan.yaml': plan(inline('a', ', priorty: high')) },
    says: ['plan.yaml:4:', 'did you mean "priority"?'],
  },
  {
    title: 'an unknown priority',
    files: { 'plan.yaml': plan(inline('a', ', priority: hihg')) },
    says: ['plan.yaml:4:', 'did you mean "high"?'],
  },
  {
    title: 'an unknown status',
    files: { 'plan.yaml': plan(inline('a', ', status: complete')) },
    says: ['plan.yaml:4:', 'did you mean "completed"?'],
  },
  {
    title: 'dependencies as a text',
    files: { 'plan.yaml': plan(inline('a'), inline('b', ', dependencies: a')) },
    says: ['plan.yaml:5:', 'must be a list', '[ task-1, task-2 ]'],
  },
  {
    title: 'an unknown dependency',
    files: { 'plan.yaml': plan(inline('setup'), inline('b', ', dependencies: [setpu]')) },
    says: ['plan.yaml:5:', '"setpu"', 'did you mean "setup"?'],
  },
  {
    title: 'a task that waits for itself',
    files: { 'plan.yaml': plan(inline('a', ', dependencies: [a]')) },
    says: ['plan.yaml:4:', 'depends on itself', 'remove it'],
  },
  {
    title: 'a circle',
    files: {
      'plan.yaml': plan(
        inline('a', ', dependencies: [b]'),
        inline('b', ', dependencies: [c]'),
        inline('c', ', dependencies: [a]'),
      ),
    },
    says: ['plan.yaml:4:', 'a -> b -> c -> a', 'remove one of these dependencies'],
  },
  {
    title: 'a duplicate id',
    files: { 'plan.yaml': plan(inline('a'), inline('a')) },
    says: ['plan.yaml:5:', 'there twice, first at plan.yaml:4:', 'another id'],
  },
  {
    title: 'ids that differ in case',
    files: { 'plan.yaml': plan(inline('Login'), inline('login')) },
    says: ['plan.yaml:5:', 'share a branch', 'upper and lower case'],
  },
  {
    title: 'an id with control characters',
    files: { 'plan.yaml': plan(inline('"a\\e[2Jb"')) },
    says: ['plan.yaml:4:', 'control characters', 'write it anew'],
  },
  {
    title: 'an id of 101 characters',
    files: { 'plan.yaml': plan(inline('x'.repeat(101))) },
    says: ['plan.yaml:4:', 'more than 100 characters', 'shorter'],
  },
  {
    title: 'a task without a text',
    files: { 'plan.yaml': plan('{ id: a, name: A }') },
    says: ['plan.yaml:4:', 'has no text', 'file: tasks/NAME.md'],
  },
  {
    title: 'a task with two texts',
    files: { 'plan.yaml': plan(inline('a', ', file: tasks/a.md')) },
    says: ['plan.yaml:4:', 'more than one text', 'either'],
  },
  {
    title: 'a path that leaves the repository',
    files: { 'plan.yaml': plan(inline('a', ', files: [../../etc/passwd]')) },
    says: ['plan.yaml:4:', 'inside the repository', 'src/'],
  },
  {
    title: 'a missing task file',
    files: { 'plan.yaml': plan('{ id: z, file: tasks/z.md }') },
    says: ['plan.yaml:4:', 'tasks/z.md', 'ENOENT', 'correct its name'],
  },
  {
    title: 'a folder as a task file',
    files: { 'plan.yaml': plan('{ id: a, file: tasks }') },
    says: ['plan.yaml:4:', 'not a regular file', 'name a file'],
  },
  {
    title: 'a device as a task file',
    files: { 'plan.yaml': plan('{ id: a, file: /dev/zero }') },
    says: ['plan.yaml:4:', 'not a regular file'],
  },
  {
    title: 'a task file from elsewhere',
    files: { 'plan.yaml': plan('{ id: a, file: /etc/hostname }') },
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
    files: { 'plan.yaml': plan(inline('a', ', dependencies: [x]'), inline('b', ', dependencies: [b]')) },
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
    says: ['tasks.json:3:2', 'there twice', 'keep one'],
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

const badFlags: readonly BadInput[] = [
  { title: 'nothing to do', args: [], says: ['PLAN', 'nothing to work on', '--issue'] },
  {
    title: 'an issue without an id',
    args: ['--issue', 'fix the login'],
    says: ['--issue "fix the login"', 'no id', 'ID=what to do'],
  },
  {
    title: 'an issue with an empty id',
    args: ['--issue', '=fix the login'],
    says: ['--issue', 'no id', 'ID=what to do'],
  },
  {
    title: 'an issue without instructions',
    args: ['--issue', 'fix='],
    says: ['--issue "fix"', 'no instructions', 'ID=@FILE'],
  },
  {
    title: 'an issue from a missing file',
    args: ['--issue', 'fix=@nowhere.md'],
    says: ['--issue "fix"', 'nowhere.md', 'correct its name'],
  },
  {
    title: 'an issue from the file of another',
    args: ['--issue', 'fix=@tasks/a.md'],
    says: ['--issue "fix"', 'is task "a"', 'correct the id'],
  },
  {
    title: 'the same issue twice',
    args: ['--issue', 'x=one', '--issue', 'x=two'],
    says: ['--issue "x"', 'there twice', 'another id'],
  },
  {
    title: 'an issue that the plan has',
    args: ['plan.yaml', '--issue', 'a=again'],
    says: ['--issue "a"', 'first at plan.yaml:4:', 'another id'],
  },
  { title: 'no width', args: ['plan.yaml', '--width', '0'], says: ['--width', 'from 1 to 500', '--width 4'] },
  { title: 'half a width', args: ['plan.yaml', '--width', '2.5'], says: ['--width', 'whole number'] },
  { title: 'a width of 501', args: ['plan.yaml', '--width', '501'], says: ['--width', 'from 1 to 500'] },
  { title: 'a width in words', args: ['plan.yaml', '--width', 'all'], says: ['--width', '"all"'] },
  {
    title: 'an unknown landing policy',
    args: ['plan.yaml', '--landing', 'driect'],
    says: ['--landing', 'did you mean "direct"?'],
  },
  {
    title: 'a landing policy that is not there yet',
    args: ['plan.yaml', '--landing', 'merge'],
    says: ['--landing', 'not yet `merge`'],
  },
  {
    title: 'a missing configuration',
    args: ['plan.yaml', '--config', 'other.yaml'],
    says: ['--config', 'other.yaml', 'ENOENT'],
  },
  {
    title: 'a folder as configuration',
    args: ['plan.yaml', '--config', 'tasks'],
    says: ['--config', 'not a regular file'],
  },
  {
    title: 'a mistake in another configuration',
    uncommitted: { 'other.yaml': 'batch: { width: many }\n' },
    args: ['plan.yaml', '--config', 'other.yaml'],
    says: ['other.yaml:1:17', 'a number'],
  },
  {
    title: 'a folder that is not there',
    args: ['plan.yaml', '-C', 'nowhere'],
    says: ['nowhere', 'no such folder', '-C FOLDER'],
  },
  { title: 'a folder without git', repository: 'none', says: ['not a git repository', 'git init', '-C FOLDER'] },
  { title: 'a repository without a commit', repository: 'unborn', says: ['no commit on main', 'git commit'] },
];

/** All of it; each entry says what is wrong in its title. */
export const badInputs: readonly BadInput[] = [...badConfigs, ...badPlans, ...badFlags];

function aliasBomb(): string {
  const lines = Array.from({ length: 9 }, (_, level) => `x${level + 1}: &x${level + 1} [${`*x${level}, `.repeat(9)}]`);
  return ['x0: &x0 [lol]', ...lines, ''].join('\n');
}

import type { BadInput } from './bad-input.ts';
import { goodConfig, goodFiles } from './good-input.ts';
import type { Files } from '../git/user-repository.ts';

function config(...lines: readonly string[]): Files {
  return { 'millrace.yaml': `${goodConfig}${lines.map((line) => `${line}\n`).join('')}` };
}

/** Configurations, and repositories that don't fit them. */
export const badConfigs: readonly BadInput[] = [
  {
    title: 'an empty millrace.yaml',
    files: { 'millrace.yaml': '' },
    says: ['millrace.yaml:1:1', 'no profile', 'to millrace.yaml:\n    profiles:\n      '],
  },
  {
    title: 'profiles left empty',
    files: { 'millrace.yaml': 'version: 1\nprofiles:\n' },
    says: ['millrace.yaml:2:1', 'no profile', 'to millrace.yaml:\n    profiles:\n      '],
  },
  {
    title: 'a config that is a list',
    files: { 'millrace.yaml': '- a\n' },
    says: ['millrace.yaml:1:1', 'a mapping', 'not a list'],
  },
  {
    title: 'broken YAML',
    files: { 'millrace.yaml': 'profiles: { a: [ }\n' },
    says: ['millrace.yaml:1:', 'not valid YAML', 'try:'],
  },
  {
    title: 'tabs as indentation',
    files: { 'millrace.yaml': 'batch:\n\twidth: 3\n' },
    says: ['millrace.yaml:2:1', 'indent with spaces'],
  },
  {
    title: 'a duplicate key',
    files: config('landing: none', 'landing: direct'),
    says: ['millrace.yaml:4:1', '"landing" appears twice', 'keep one'],
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
    says: ['millrace.yaml on main', '131072', 'try:'],
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
    files: config('landing: consolidated'),
    says: ['millrace.yaml:3:10', 'does not know `consolidated`', 'landing: none'],
  },
  {
    title: 'a landing that only a server can do',
    files: config('landing: auto-merge'),
    says: ['millrace.yaml:3:10', 'has the local one', 'landing: merge'],
  },
  {
    title: 'a landing that may not land',
    files: config('landing: { policy: merge, branches: [release] }'),
    says: ['millrace.yaml:3:', 'does not name "main"', 'add `main`'],
  },
  {
    title: 'a merge method of servers',
    files: config('landing: { policy: merge, method: squash }'),
    says: ['millrace.yaml:3:', 'merge commits only', 'method: merge'],
  },
  {
    title: 'a branch like an option',
    files: config('landing: { policy: merge, branches: [--force] }'),
    says: ['millrace.yaml:3:', 'landing.branches.0', 'not the name of a branch'],
  },
  {
    title: 'a protected path outside of the repository',
    files: config('landing: { policy: merge, protect: [../x] }'),
    says: ['millrace.yaml:3:', 'landing.protect.0', 'inside the repository'],
  },
  {
    title: 'an unknown merge method',
    files: config('landing: { policy: merge, method: sqash }'),
    says: ['millrace.yaml:3:', 'did you mean "squash"?'],
  },
  {
    title: 'an unknown forge',
    files: config('forge: gitlab'),
    says: ['millrace.yaml:3:8', 'allowed here: auto, local, github, gitea'],
  },
  {
    title: 'a forge that nothing places',
    files: config('forge: gitea'),
    says: ['millrace.yaml:3:8', 'names no repository', 'git remote add origin https://HOST/OWNER/NAME.git'],
  },
  {
    title: 'a Gitea without a server',
    files: config('forge: { kind: gitea, repo: acme/shop }'),
    says: ['millrace.yaml:3:8', 'names no server', 'repo: acme/shop }', '--forge-url'],
  },
  {
    title: 'a repository with a path for a name',
    files: config('forge: { kind: github, repo: acme/.. }'),
    says: ['millrace.yaml:3:', '".." is not the name', 'OWNER/NAME'],
  },
  {
    title: 'a repository of three parts',
    files: config('forge: { kind: github, repo: a/b/c }'),
    says: ['millrace.yaml:3:8', 'names no repository'],
  },
  {
    title: 'a server with a password',
    files: config("forge: { kind: gitea, url: 'https://me:secret@host', repo: a/b }"),
    says: ['millrace.yaml:3:', 'not the address of a server', 'without a name'],
  },
  {
    title: 'a server that is no web address',
    files: config('forge: { kind: gitea, url: host, repo: a/b }'),
    says: ['millrace.yaml:3:', '"host" is not the address', 'https://git.example.com'],
  },
  {
    title: 'an origin with a password',
    files: goodFiles,
    origin: 'https://user:secret@example.com/o/x.git',
    says: ['origin https://example.com/o/x.git', 'a password', 'git remote set-url origin https://example.com/o/x.git'],
  },
  {
    title: 'a token for a name',
    files: goodFiles,
    origin: 'https://secret@github.com/o/x',
    says: ['origin https://github.com/o/x', 'git remote set-url'],
  },
  {
    title: 'an origin without an owner',
    files: goodFiles,
    origin: 'git@example.com:x.git',
    says: ['millrace.yaml:', 'origin git@example.com:x.git', 'OWNER/NAME', '--repo'],
  },
  {
    title: 'an owner that no forge has',
    files: goodFiles,
    origin: 'https://example.com/%2e%2e/x',
    says: ['names no repository'],
  },
  {
    title: 'a CI without an end',
    files: config('ci: { timeout: 60 }'),
    says: ['millrace.yaml:3:', 'ci.timeout', 'with its unit'],
  },
  { title: 'a CI that is on', files: config('ci: on'), says: ['millrace.yaml:3:5', 'ci', 'off'] },
  {
    title: 'a label of two priorities',
    files: config('forge: { kind: github, repo: a/b }', 'issues: { priorities: { high: [P1], low: [x, p1] } }'),
    origin: 'git@github.com:a/b.git',
    says: ['millrace.yaml:4:', '"p1" means high and low', 'one of the two'],
  },
  {
    title: 'an unknown priority',
    files: config('issues: { priorities: { hgh: [P1] } }'),
    says: ['millrace.yaml:3:', 'unknown key "hgh"', 'did you mean "high"?'],
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
    title: 'a model that is none',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: claude, model: gpt-5 }\n' },
    says: ['millrace.yaml:2:30', 'is not a model of claude', 'write haiku, sonnet, opus'],
  },
  {
    title: 'a model without its provider',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: pi, model: sonnet }\n' },
    says: ['millrace.yaml:2:26', 'is not a model of pi', 'provider/model'],
  },
  {
    title: 'a flag that the agent does not know',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: claude, args: [--fallback-modle, opus] }\n' },
    says: ['millrace.yaml:2:30', 'claude 2.1.329 has no flag', '--fallback-model'],
  },
  {
    title: 'a flag that is ours',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: codex, args: ["--model=o3"] }\n' },
    says: ['millrace.yaml:2:29', 'is not yours to set', 'write `model:` instead'],
  },
  {
    title: 'a variable that no agent gets',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: claude, env: [GITHUB_TOKEN] }\n' },
    says: ['millrace.yaml:2:29', 'GITHUB_TOKEN is never handed to an agent', 'remove it'],
  },
  {
    title: 'a limit of money that nobody reports',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: codex, run: [node], limits: { costUsd: 2 } }\n' },
    says: ['millrace.yaml:2:', 'codex does not report its cost', 'prices: { codex:'],
  },
  {
    title: 'a prompt with an unknown variable',
    files: { '.millrace/prompts/fix.md': 'Fix it.\n{{> issue}}\n{{finding}}\n{{> answer}}\n' },
    says: ['.millrace/prompts/fix.md:3', 'no variable "finding"', '"findings"'],
  },
  {
    title: 'a prompt with an open section',
    files: { '.millrace/prompts/fix.md': '{{> issue}}\n{{#isRecap}}\n{{> answer}}\n' },
    says: ['.millrace/prompts/fix.md:', 'Unclosed section "isRecap"', 'close each'],
  },
  {
    title: 'a prompt that leaves out the issue',
    files: { '.millrace/prompts/review.md': 'Be kind.\n{{> answer}}\n' },
    says: ['.millrace/prompts/review.md:1', 'the issue is left out', '{{> issue}}'],
  },
  {
    title: 'a prompt of no role',
    files: { '.millrace/prompts/implment.md': '{{> issue}}\n{{> answer}}\n' },
    says: ['.millrace/prompts/implment.md on main', 'no role', '"implement.md"'],
  },
  {
    title: 'a budget of nothing',
    files: config('issue: { budget: { } }'),
    says: ['millrace.yaml:3:', 'a budget needs an amount', 'costUsd: 20'],
  },
  {
    title: 'a price that is none',
    files: config('prices: { gpt-5-codex: { input: cheap, output: 10 } }'),
    says: ['millrace.yaml:3:', 'prices.gpt-5-codex.input', 'a number'],
  },
  {
    title: 'a command agent without a program',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: command }\n' },
    says: ['millrace.yaml:2:6', 'needs the program', 'run: ['],
  },
  {
    title: 'a program as one text',
    files: { 'millrace.yaml': 'profiles:\n  x: { agent: command, run: node agent.mjs }\n' },
    says: ['millrace.yaml:2:29', 'must be a list', '[ node, tools/agent.mjs ]'],
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

function aliasBomb(): string {
  const lines = Array.from({ length: 9 }, (_, level) => `x${level + 1}: &x${level + 1} [${`*x${level}, `.repeat(9)}]`);
  return ['x0: &x0 [lol]', ...lines, ''].join('\n');
}

import type { BadInput } from './bad-input.ts';

/** Flags, and the folders that they name. */
export const badFlags: readonly BadInput[] = [
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
    says: ['--issue "x"', 'appears twice', 'another id'],
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
    title: 'a landing policy of forges with a server',
    args: ['plan.yaml', '--landing', 'auto-merge'],
    says: ['--landing', 'has the local one', 'landing: merge'],
  },
  {
    title: 'an unknown forge by flag',
    args: ['plan.yaml', '--forge', 'gitee'],
    says: ['--forge', 'there is no forge "gitee"', 'did you mean "gitea"?'],
  },
  {
    title: 'a forge by flag that nothing places',
    args: ['plan.yaml', '--forge', 'github'],
    says: ['--forge', 'names no repository', 'git remote add origin https://HOST/OWNER/NAME.git'],
  },
  {
    title: 'a forge by flag that origin is not',
    args: ['plan.yaml', '--forge', 'github', '--repo', 'acme/shop'],
    says: ['--forge', 'a path on this disk', 'git remote add origin https://github.com/acme/shop.git'],
  },
  {
    title: 'a repository by flag that origin is not',
    origin: 'git@github.com:me/shop.git',
    args: ['plan.yaml', '--repo', 'acme/shop'],
    says: ['--repo', 'pushed to origin git@github.com:me/shop.git', 'opened in acme/shop'],
  },
  {
    title: 'a repository by flag that is none',
    args: ['plan.yaml', '--forge', 'github', '--repo', 'acme/$(x)'],
    says: ['--repo', '"$(x)" is not the name'],
  },
  {
    title: 'a server by flag that is none',
    args: ['plan.yaml', '--forge', 'gitea', '--repo', 'a/b', '--forge-url', 'ftp://host'],
    says: ['--forge-url', 'not the address of a server'],
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

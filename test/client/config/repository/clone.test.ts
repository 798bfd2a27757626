import { chmod, mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { branchOnRemote, defaultBranch, namedBranch } from '../../../../client/config/repository/base.ts';
import { gitIn, readingEnv } from '../../../../client/config/repository/clone.ts';
import { locateRepository } from '../../../../client/config/repository/locate.ts';
import { remoteOf } from '../../../../client/config/repository/remote.ts';
import { git, makeRepository, temporaryFolder, testEnv } from '../../../support/git/user-repository.ts';

/** A program that leaves a file behind under the name that it was called by. */
async function makeTraps() {
  const folder = await realpath(await temporaryFolder());
  const sprung = join(folder, 'sprung');
  await mkdir(sprung);
  const program = join(folder, 'trap.sh');
  await writeFile(program, `#!/bin/sh\ntouch "${sprung}/$1-$(basename "$0")"\n`);
  await chmod(program, 0o755);
  return { call: (name: string) => `sh ${program} ${name}`, sprung: () => readdir(sprung), program };
}

type Traps = Awaited<ReturnType<typeof makeTraps>>;

/** Everything in a repository's own configuration that names a program. */
async function setTraps(repository: string, { call, program }: Traps): Promise<void> {
  const config = {
    'core.fsmonitor': call('fsmonitor'),
    'core.pager': call('pager'),
    'core.editor': call('editor'),
    'core.askPass': program,
    'core.sshCommand': call('ssh'),
    'core.gitProxy': call('proxy'),
    'core.alternateRefsCommand': call('alternates'),
    'credential.helper': `!${call('credential')}`,
    'diff.external': call('external'),
    'diff.x.textconv': call('textconv'),
    'filter.x.smudge': call('smudge'),
    'filter.x.clean': call('clean'),
    'gpg.program': program,
    'alias.rev-parse': `!${call('alias')}`,
    'alias.remote': `!${call('alias')}`,
    'protocol.ext.allow': 'always',
    'uploadpack.packObjectsHook': call('pack-objects'),
  };
  for (const [name, value] of Object.entries(config)) await git(repository, 'config', name, value);
  const hooks = join(repository, '.git', 'hooks');
  await mkdir(hooks, { recursive: true });
  for (const name of ['post-index-change', 'reference-transaction', 'post-checkout', 'fsmonitor-watchman']) {
    await writeFile(join(hooks, name), `#!/bin/sh\n${call('hook')}-${name}\n`, { mode: 0o755 });
  }
  await mkdir(join(repository, '.git', 'info'), { recursive: true });
  await writeFile(join(repository, '.git', 'info', 'attributes'), '* diff=x filter=x\n');
}

/** A user's environment in which every variable that names a program, or another repository, does so. */
function trappedEnv({ call, program }: Traps): Record<string, string> {
  return {
    ...testEnv(),
    GIT_DIR: '/nonexistent/.git',
    GIT_WORK_TREE: '/',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.fsmonitor',
    GIT_CONFIG_VALUE_0: call('count'),
    GIT_EXTERNAL_DIFF: program,
    GIT_SSH_COMMAND: call('ssh-variable'),
    GIT_ASKPASS: program,
    SSH_ASKPASS: program,
    GIT_PAGER: call('pager-variable'),
    PAGER: call('pager-variable'),
    EDITOR: call('editor-variable'),
    GIT_EXEC_PATH: '/nonexistent',
  };
}

/** All that the client asks a repository. */
async function readAll(folder: string, env: Record<string, string>) {
  const repository = await locateRepository(folder, env);
  const base = await defaultBranch(repository);
  await namedBranch(repository, { name: base.name, where: 'here' });
  const remote = remoteOf(repository);
  const listing = await repository.ask(['ls-tree', '-z', '-l', '--full-tree', base.commit]);
  return { repository, base, remote, listing };
}

test('a clone of anybody runs nothing, whatever its configuration, its hooks and the environment name', async () => {
  const traps = await makeTraps();
  const folder = join(await temporaryFolder(), 'clone');
  await makeRepository(folder, { 'a.txt': 'a\n' });
  await setTraps(folder, traps);
  const { repository, base, listing } = await readAll(folder, trappedEnv(traps));
  expect(repository.path).toBe(await realpath(folder));
  expect(base.name).toBe('main');
  expect(listing).toContain('a.txt');
  // A question about the index would ask the monitor first, and tell a hook that the index has changed.
  const path = testEnv()['PATH']!;
  await gitIn(folder, { PATH: path }, 'nothing').raw('ls-files', '--stage');
  expect(await traps.sprung()).toEqual([]);
  // And the traps are set: git by hand falls into them.
  await execa('git', ['status'], { cwd: folder, env: testEnv(), extendEnv: false });
  expect(await traps.sprung()).toContain('fsmonitor-trap.sh');
});

test('an origin that the configuration turns into a program is never asked', async () => {
  const traps = await makeTraps();
  const folder = join(await temporaryFolder(), 'clone');
  const origin = join(await realpath(await temporaryFolder()), 'origin.git');
  await makeRepository(folder, { 'a.txt': 'a\n' });
  await git(folder, 'clone', '--quiet', '--bare', '.', origin);
  await setTraps(folder, traps);
  // The address is a path for whoever asks for it; asked itself, it is rewritten once more.
  await git(folder, 'remote', 'add', 'origin', 'twice:origin.git');
  await git(folder, 'config', `url.${origin.slice(0, -'origin.git'.length)}.insteadOf`, 'twice:');
  await git(folder, 'config', `url.ext::${traps.call('ext')} .insteadOf`, origin);
  const { remote } = await readAll(folder, trappedEnv(traps));
  expect(remote).toEqual({ url: origin, kind: 'path' });
  const repository = await locateRepository(folder, trappedEnv(traps));
  await expect(branchOnRemote(repository, { url: remote.url, name: 'main' })).rejects.toThrow(
    'git finds no repository',
  );
  expect(await traps.sprung()).toEqual([]);
  await execa('git', ['ls-remote', origin], { cwd: folder, env: testEnv(), extendEnv: false, reject: false });
  expect(await traps.sprung()).toContain('ext-trap.sh');
});

test('git is given its few variables and nothing else of this process', async () => {
  const folder = await realpath(await temporaryFolder());
  const program = join(folder, 'git');
  await writeFile(program, `#!/bin/sh\n/usr/bin/env > "${folder}/seen"\n`, { mode: 0o755 });
  await gitIn(folder, readingEnv({ ...process.env, PATH: folder, HOME: '/h', EDITOR: 'x' }), 'nothing').raw('version');
  const names = (await readFile(join(folder, 'seen'), 'utf8')).split('\n').map((line) => line.split('=')[0]!);
  const ours = [
    'PATH',
    'HOME',
    'XDG_CONFIG_HOME',
    'SUDO_UID',
    'LD_LIBRARY_PATH',
    'TMPDIR',
    'LC_ALL',
    'PWD',
    '_',
    'SHLVL',
  ];
  const git = ['GIT_OPTIONAL_LOCKS', 'GIT_TERMINAL_PROMPT', 'GIT_NO_LAZY_FETCH', 'GIT_ALLOW_PROTOCOL'];
  const guard = ['GIT_TEST_DISALLOW_ABBREVIATED_OPTIONS']; // simple-git's own
  expect(names.filter((name) => name !== '' && ![...ours, ...git, ...guard].includes(name))).toEqual([]);
  expect(names).toEqual(expect.arrayContaining([...git, 'HOME']));
});

test('a partial clone fetches nothing behind our back, and says what to type', async () => {
  const traps = await makeTraps();
  const full = join(await temporaryFolder(), 'full');
  await makeRepository(full, { 'a.txt': 'a\n' });
  await git(full, 'config', 'uploadpack.allowFilter', 'true');
  const folder = join(await temporaryFolder(), 'partial');
  await git(full, 'clone', '--quiet', '--filter=blob:none', '--no-checkout', pathToFileURL(full).href, folder);
  await git(folder, 'config', 'remote.origin.uploadpack', traps.call('uploadpack'));
  const repository = await locateRepository(folder, testEnv());
  const { commit } = await defaultBranch(repository);
  const sha = await repository.ask(['rev-parse', `${commit}:a.txt`]);
  await expect(repository.bytes(sha!)).rejects.toThrow(`git cat-file blob ${sha}`);
  expect(await traps.sprung()).toEqual([]);
});

test('a .git file, a submodule, core.worktree and a shallow clone are the repositories that git takes them for', async () => {
  const top = await realpath(await temporaryFolder());
  const main = join(top, 'main');
  await makeRepository(main, { 'a.txt': 'a\n' });
  const dotGit = join(top, 'elsewhere');
  await mkdir(dotGit);
  await writeFile(join(dotGit, '.git'), `gitdir: ${join(main, '.git')}\n`);
  expect(await locateRepository(dotGit, testEnv())).toMatchObject({ path: dotGit, workingTree: dotGit, origin: null });

  const shallow = join(top, 'shallow');
  await git(main, 'commit', '--quiet', '--allow-empty', '--message=Second');
  await git(top, 'clone', '--quiet', '--depth=1', pathToFileURL(main).href, shallow);
  const found = await readAll(shallow, testEnv());
  expect(found.base).toEqual({ name: 'main', commit: await git(main, 'rev-parse', 'HEAD') });
  expect(found.remote).toEqual({ url: main, kind: 'path' });
  await branchOnRemote(found.repository, { url: main, name: 'main' });

  await git(main, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', shallow, 'part');
  const part = await locateRepository(join(main, 'part'), testEnv());
  expect(part).toMatchObject({ path: join(main, 'part'), workingTree: join(main, 'part'), origin: shallow });

  const apart = join(top, 'apart');
  await mkdir(join(apart, 'tree', 'below'), { recursive: true });
  await git(apart, 'init', '--quiet', '--initial-branch=main');
  await git(apart, 'config', 'core.worktree', join(apart, 'tree'));
  const moved = await locateRepository(join(apart, 'tree', 'below'), testEnv());
  expect(moved.workingTree).toBe(join(apart, 'tree'));
});

test('what is not there is said with the way to mend it', async () => {
  const top = await realpath(await temporaryFolder());
  await expect(locateRepository(join(top, 'nowhere'), testEnv())).rejects.toThrow('there is no such folder');
  await expect(locateRepository(top, testEnv())).rejects.toThrow('this is not a git repository');
  await expect(locateRepository(top, { ...testEnv(), PATH: '/nonexistent' })).rejects.toThrow('git is not installed');
  const empty = join(top, 'empty');
  await mkdir(empty);
  await git(empty, 'init', '--quiet', '--initial-branch=main');
  const unborn = await locateRepository(empty, testEnv());
  await expect(defaultBranch(unborn)).rejects.toThrow('there is no commit on main');
  await expect(namedBranch(unborn, { name: 'main', where: 'x' })).rejects.toThrow('make it with a first commit');
  await expect(locateRepository(join(empty, '.git'), testEnv())).rejects.toThrow('inside a .git folder');
  const full = join(top, 'full');
  await makeRepository(full, { 'a.txt': 'a\n' });
  const repository = await locateRepository(full, testEnv());
  await expect(namedBranch(repository, { name: 'mian', where: 'x' })).rejects.toThrow('did you mean "main"?');
  await expect(namedBranch(repository, { name: '--x', where: 'x' })).rejects.toThrow("can't be the name of a branch");
  await expect(branchOnRemote(repository, { url: top, name: 'main' })).rejects.toThrow('git finds no repository there');
  await expect(branchOnRemote(repository, { url: full, name: 'next' })).rejects.toThrow('has no branch "next"');
  await git(full, 'checkout', '--quiet', '--detach');
  await expect(defaultBranch(await locateRepository(full, testEnv()))).rejects.toThrow('detached HEAD');
});

test.skipIf(process.getuid?.() !== 0)(
  'a repository of another user is refused, unless the user trusts it',
  async () => {
    const folder = await realpath(await temporaryFolder());
    await makeRepository(folder, { 'a.txt': 'a\n' });
    await execa('chown', ['-R', '12345:12345', folder]);
    await expect(locateRepository(folder, testEnv())).rejects.toThrow('it belongs to another user');
    const home = await temporaryFolder();
    await writeFile(join(home, '.gitconfig'), `[safe]\n  directory = ${folder}\n`);
    expect((await locateRepository(folder, { ...testEnv(), HOME: home })).path).toBe(folder);
    await rm(folder, { recursive: true, force: true });
  },
);

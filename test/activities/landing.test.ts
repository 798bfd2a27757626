import { afterEach, describe, expect, it } from 'vitest';
import { openMirror } from '../../activities/git/mirror.ts';
import { createRepositories } from '../../activities/repository/repository.ts';
import type { LandingRules, Settings } from '../../workflows/domain/settings.ts';
import { createForgeWork, someBranch, type ForgeWork } from '../support/forge/forge-work.ts';

const rules: LandingRules = {
  method: 'merge',
  branches: ['main'],
  deleteBranch: false,
  protect: ['.github/**', 'LOCK'],
};

describe('landing by the forge', () => {
  let work: ForgeWork;
  afterEach(() => work.dispose());

  async function approved(files: Readonly<Record<string, string>>, settings: Partial<Settings> = {}) {
    work = await createForgeWork({ landing: 'merge', landingRules: rules, ...settings });
    const pushed = await work.push('work', someBranch, files);
    const { number } = await work.open(pushed);
    await work.approve(pushed, number);
    return { pushed, number };
  }

  it('merges the approved sha into the base that the policy names', async () => {
    const { pushed, number } = await approved({ 'a.txt': 'a\n' });
    const landed = await work.land(pushed, number);
    expect(landed).toEqual({ kind: 'landed', sha: await work.remote.tip('main') });
    expect(await (await work.forge()).pull(number)).toMatchObject({ state: 'merged' });
    expect(await work.remote.git.run(['log', '-1', '--format=%s', 'main'])).toBe('Fix the parser (#1)');
    expect(await (await work.forge()).branches(someBranch)).toEqual([someBranch]);
  });

  it('deletes the branch afterwards where the policy says so', async () => {
    const { pushed, number } = await approved({ 'a.txt': 'a\n' }, { landingRules: { ...rules, deleteBranch: true } });
    expect(await work.land(pushed, number)).toMatchObject({ kind: 'landed' });
    expect(await (await work.forge()).branches(someBranch)).toEqual([]);
  });

  it('never goes into a branch that the policy does not name', async () => {
    const { pushed, number } = await approved({ 'a.txt': 'a\n' }, { landingRules: { ...rules, branches: ['next'] } });
    const before = await work.remote.tip('main');
    expect(await work.land(pushed, number)).toMatchObject({
      kind: 'blocked',
      reason: '#1 goes into `main`, and the landing policy names next only',
    });
    expect(await work.remote.tip('main')).toBe(before);
  });

  it('leaves alone what a person closed, and says how it goes on or ends', async () => {
    const { pushed, number } = await approved({ 'a.txt': 'a\n' });
    const before = await work.remote.tip('main');
    await (await work.forge()).editPull(number, { state: 'closed' });
    expect(await work.land(pushed, number)).toMatchObject({
      kind: 'blocked',
      reason: 'pull request #1 was closed by a person: reopen it, or end the issue by millrace cancel 12',
      command: 'millrace resume 12', // a retry would be refused while the issue waits
    });
    expect(await work.remote.tip('main')).toBe(before);
    await (await work.forge()).editPull(number, { state: 'open' });
    expect(await work.land(pushed, number)).toMatchObject({ kind: 'landed' });
  });

  it('work on protected paths waits for a person, whose word lands it', async () => {
    const { pushed, number } = await approved({ LOCK: 'l\n', 'a.txt': 'a\n' });
    expect(await work.land(pushed, number)).toMatchObject({
      kind: 'blocked',
      reason: 'it touches protected paths (`LOCK`): look at them yourself',
      command: 'millrace resume 12 --accept',
    });
    const landed = await work.land(pushed, number, work.activities, { accepted: true });
    expect(landed).toMatchObject({ kind: 'landed' });
  });

  it('without a pull request the same paths and branches hold', async () => {
    work = await createForgeWork({ landing: 'direct', landingRules: rules });
    const pushed = await work.push('work', someBranch, { LOCK: 'l\n' });
    await work.approve(pushed, null);
    const before = await work.remote.tip('main');
    expect(await work.land(pushed, null)).toEqual({
      kind: 'blocked',
      reason: 'it touches protected paths (`LOCK`): look at them yourself',
      command: 'millrace resume 12 --accept',
    });
    expect(await work.remote.tip('main')).toBe(before);
    const accepted = { accepted: true };
    expect(await work.land(pushed, null, work.activities, accepted)).toMatchObject({ kind: 'landed' });
  });

  it('what is protected is also found where it is removed', async () => {
    work = await createForgeWork({ landing: 'merge', landingRules: rules });
    await work.remote.commit('main', 'a lock', { LOCK: 'l\n' });
    const pushed = await work.push('work', someBranch, { 'a.txt': 'a\n' });
    const tree = await work.remote.git.run(['mktree'], { input: '' });
    const head = await work.remote.git.run(['commit-tree', '-p', pushed.head, '-m', 'empty', tree]);
    await work.remote.point(someBranch, head);
    const { git } = await openMirror(await createRepositories(work.state.root).open(work.state.ref));
    await git.run(['fetch', '--quiet', work.remote.dir, `+refs/heads/${someBranch}:refs/test/again`]);
    const removed = { ...pushed, head };
    const { number } = await work.open(removed);
    await (await work.forge()).setStatus(head, { context: 'millrace/review', state: 'success', text: 'ok' });
    expect(await work.land(removed, number)).toMatchObject({ kind: 'blocked', reason: /`LOCK`/ });
  });

  it('a conflict is told by its files, exactly, before the forge is asked', async () => {
    const { pushed, number } = await approved({ 'a.txt': 'a\n' });
    await work.remote.commit('main', 'other', { 'a.txt': 'b\n' });
    expect(await work.land(pushed, number)).toEqual({ kind: 'conflict', files: ['a.txt'] });
  });

  it('waits for CI before it merges, and looks once more by sha', async () => {
    const { pushed, number } = await approved({ 'a.txt': 'a\n' }, { ci: { timeoutMs: 60_000, fixes: 2 } });
    const forge = await work.forge();
    expect(await work.land(pushed, number)).toEqual({ kind: 'pending' });
    await forge.setStatus(pushed.head, { context: 'build', state: 'failure', text: 'no' });
    const passed = { ciPassed: true };
    expect(await work.land(pushed, number, work.activities, passed)).toEqual({ kind: 'pending' });
    await forge.setStatus(pushed.head, { context: 'build', state: 'success', text: 'yes' });
    expect(await work.land(pushed, number, work.activities, passed)).toMatchObject({ kind: 'landed' });
  });
});

describe('a review with findings at lines', () => {
  let work: ForgeWork;
  afterEach(() => work.dispose());

  const ten = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join('');
  const finding = (fingerprint: string, file: string, line: number | null) => ({
    file,
    line,
    severity: 'major',
    body: `about ${fingerprint}`,
    fingerprint,
  });

  it('puts those at the lines that the pull request shows there, and the rest into the body', async () => {
    work = await createForgeWork();
    await work.remote.commit('main', 'ten lines', { 'ten.txt': ten });
    const pushed = await work.push('work', someBranch, { 'ten.txt': ten.replace('line 3\n', 'changed\n') });
    const { number } = await work.open(pushed);
    await (await work.forge()).pull(number);
    const findings = [
      finding('aaaaaaaa', 'ten.txt', 3),
      finding('bbbbbbbb', 'ten.txt', 6),
      finding('cccccccc', 'ten.txt', 9),
      finding('dddddddd', 'no-such.txt', 1),
      finding('eeeeeeee', '../etc/passwd', 1),
      finding('ffffffff', '', null),
    ];
    await work.review(pushed, number, { verdict: 'needs-work', findings });
    type Pull = {
      reviews: { body: string }[];
      threads: { path: string; line: number; body: string; resolved: boolean }[];
    };
    const first = await work.record<Pull>(`pulls/${number}`);
    expect(first.threads.map(({ path, line }) => [path, line])).toEqual([
      ['ten.txt', 3],
      ['ten.txt', 6],
    ]);
    expect(first.threads[0]?.body).toContain('> about aaaaaaaa');
    const body = first.reviews[0]!.body;
    expect(body).toContain('2 findings stand at their lines.');
    for (const each of ['cccccccc', 'dddddddd', 'eeeeeeee', 'ffffffff']) expect(body).toContain(`about ${each}`);
    expect(body).not.toContain('about aaaaaaaa');

    const again = { round: 2, verdict: 'needs-work', findings: [findings[1]!], resolved: [findings[0]!] } as const;
    await work.review(pushed, number, again);
    await work.review(pushed, number, again);
    const second = await work.record<Pull & { threads: { replies: { body: string }[] }[] }>(`pulls/${number}`);
    expect(second.threads.map(({ resolved }) => resolved)).toEqual([true, false]);
    expect(second.threads[0]?.replies.map(({ body: words }) => words)).toEqual([
      expect.stringContaining(`Resolved in ${pushed.head.slice(0, 12)}.`),
    ]);
    expect(second.reviews).toHaveLength(2);
  });
});

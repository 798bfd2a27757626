import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { pullKey } from '../../activities/forges/key.ts';
import type { CiState } from '../../workflows/domain/forge/ci.ts';
import { draftFor } from '../support/forge/forge-behaviour/stage.ts';
import { persistently } from '../support/gitea/persistent.ts';
import { giteaAt, type GiteaServer } from '../support/gitea/server.ts';
import { openGiteaStage, type GiteaStage } from '../support/gitea/stage.ts';

const access = inject('gitea');

/** Red while the branch has a file `broken`; what it says is longer than a tail. */
const ci = `name: CI
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          git clone -q "http://x:\${{ github.token }}@\${GITHUB_SERVER_URL#http://}/$GITHUB_REPOSITORY" .
          git checkout -q "$GITHUB_SHA"
          for i in $(seq 1 400); do echo "ünï line $i"; done
          if [ -e broken ]; then echo "BROKEN: $(cat broken)"; exit 1; fi
  lint:
    runs-on: ubuntu-latest
    steps:
      - run: echo fine
  skipped:
    runs-on: ubuntu-latest
    if: false
    steps:
      - run: exit 1
`;

describe.skipIf(!access)('Gitea Actions', () => {
  let server: GiteaServer;
  let stage: GiteaStage;
  let hasRunner = false;
  beforeAll(async () => {
    server = await giteaAt(access!);
    hasRunner = await server.startRunner();
    stage = await openGiteaStage(server, { ci });
  });
  afterAll(() => stage.dispose());

  const ended = async (sha: string, isEnd: (state: CiState) => boolean): Promise<CiState> => {
    for (let look = 0; look < 120; look += 1) {
      const state = await stage.forge.ci(sha, 'main');
      if (isEnd(state)) return state;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    throw new Error(`CI of ${sha} came to no end: ${JSON.stringify(await stage.forge.ci(sha, 'main'))}`);
  };
  const isDone = ({ overall, checks }: CiState) =>
    checks.length >= 3 && checks.every(({ state }) => state !== 'pending') && overall !== 'none';

  it('a red job tells the end of its log, is run again, and turns green after another push', async (context) => {
    context.skip(!hasRunner, 'no Actions runner is to be had here');
    const issue = await stage.newIssue();
    const work = await draftFor(stage.remote, issue);
    const head = await stage.remote.commit(work.branch, 'break it', { broken: 'ünglücklich' });
    const { value: pull } = await stage.forge.ensurePull(pullKey(issue.key), { ...work, head });

    const red = await ended(head, isDone);
    expect(red).toMatchObject({ sha: head, overall: 'failure', complete: true });
    const states = Object.fromEntries(red.checks.map(({ name, state }) => [name, state]));
    expect(states).toEqual({
      'CI / test (push)': 'failure',
      'CI / lint (push)': 'success',
      'CI / skipped (push)': 'success',
    });
    const failed = red.checks.find(({ state }) => state === 'failure')!;
    expect(failed.job).toMatch(/^\d+\/\d+$/);
    expect(failed.url).toMatch(new RegExp(`^${server.url}/alice/.*/actions/runs/`));

    const log = (await stage.forge.ciLog(failed, 1_000)) ?? '';
    expect(Buffer.byteLength(log)).toBeLessThanOrEqual(1_000);
    expect(log).toContain('BROKEN: ünglücklich');
    expect(log).not.toContain('line 1\n');
    for (const bytes of [1_001, 1_002, 1_003]) expect(await stage.forge.ciLog(failed, bytes)).not.toContain('\uFFFD');
    expect(await stage.forge.ciLog({ ...failed, job: '999999/999999' }, 1_000)).toBeNull();
    expect(await stage.forge.ciLog({ ...failed, job: null }, 1_000)).toBeNull();

    expect(await stage.forge.rerun([failed])).toBe(true);
    const again = await ended(head, (state) => {
      const now = state.checks.find(({ name }) => name === failed.name);
      return isDone(state) && now !== undefined && now.job !== failed.job;
    });
    expect(again.overall).toBe('failure');
    expect(await stage.forge.rerun([{ ...failed, job: null }])).toBe(false);
    expect(await stage.forge.rerun([{ ...failed, job: '999999/1' }])).toBe(false);

    const mended = await stage.remote.commit(work.branch, 'mend it', { broken: null });
    const green = await ended(mended, isDone);
    expect(green.overall).toBe('success');
    const order = { method: 'merge', sha: mended, when: 'now', title: 'Land', message: '' } as const;
    expect(await persistently(() => stage.forge.merge(pull.number, order))).toMatchObject({ kind: 'merged' });
  });

  it('what a rule demands is told, by its pattern, and awaited where nothing has told of it', async () => {
    const issue = await stage.newIssue();
    const { head } = await draftFor(stage.remote, issue);
    await stage.forge.setStatus(head, { context: 'outside/a', state: 'success', text: 'ok' });
    await stage.forge.setStatus(head, { context: 'other', state: 'success', text: 'ok' });
    await stage.requireStatuses(['outside/*', 'never-told', 'millrace/review']);
    try {
      const { checks, overall } = await stage.forge.ci(head, 'main');
      const required = Object.fromEntries(checks.map((check) => [check.name, check.required]));
      expect(required).toMatchObject({ 'outside/a': true, other: false, 'never-told': true });
      expect(required).not.toHaveProperty('millrace/review');
      expect(overall).toBe('pending');
    } finally {
      await stage.requireStatuses([]);
    }
    expect((await stage.forge.ci(head, 'no-such-branch')).checks.every(({ required }) => required === null)).toBe(true);
  });

  it('more statuses than a page has are all read', async () => {
    const issue = await stage.newIssue();
    const { head } = await draftFor(stage.remote, issue);
    await stage.forge.setStatus(head, { context: 'first-and-red', state: 'failure', text: 'red' });
    for (let count = 0; count < 55; count += 1)
      await stage.forge.setStatus(head, { context: `green/${count}`, state: 'success', text: 'ok' });
    const { overall, checks } = await stage.forge.ci(head, 'main');
    expect(checks.length).toBeGreaterThanOrEqual(56);
    expect(overall).toBe('failure');
  });
});

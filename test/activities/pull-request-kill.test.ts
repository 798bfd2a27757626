import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Killed } from '../support/forge/breaking-records.ts';
import {
  createForgeWork,
  someOutcome,
  type ForgeActivities,
  type ForgeWork,
  type Work,
} from '../support/forge/forge-work.ts';

/** Opening, status, review, merged, closed, comment: each killed before and after. */
const POINTS = 12;

const issuesEnd = (work: ForgeWork, pushed: Work) => async (by: ForgeActivities) => {
  const { number } = await work.open(pushed, by);
  await work.approve(pushed, number, by);
  const landed = await work.land(pushed, number, by);
  if (landed.kind !== 'landed') throw new Error(JSON.stringify(landed));
  await work.end(someOutcome('landed', { pullRequest: number, sha: landed.sha }), by);
  return 'ended' as const;
};

async function hasOneOfEach(work: ForgeWork): Promise<void> {
  expect(await readdir(join(work.state.layout.forge, 'pulls'))).toEqual(['1.json']);
  expect(await work.record('pulls/1')).toMatchObject({ state: 'merged', reviews: [{ verdict: 'approved' }] });
  expect(await work.record('issues/12')).toMatchObject({ closings: [{ why: 'completed' }], comments: [{}] });
  expect(await work.remote.git.run(['rev-list', '--count', '--merges', 'main'])).toBe('1');
}

let work: ForgeWork;
beforeEach(async () => {
  work = await createForgeWork();
});
afterEach(() => work.dispose());

it.each(Array.from({ length: POINTS + 1 }, (_, point) => point))(
  'killed at point %i and started again, an issue has one pull request, one review and one merge',
  async (point) => {
    const whole = issuesEnd(work, await work.push());
    const first = await whole(work.restarted(point)).catch((error: unknown) => error);
    if (point < POINTS) expect(first).toBeInstanceOf(Killed);
    else expect(first).toBe('ended');
    await whole(work.restarted());
    await hasOneOfEach(work);
  },
);

/** What a remote does in a hook while it takes the landing; `moved`: the base has the work by then. */
const faults = [
  { remote: 'refuses the push', hook: 'pre-receive', does: 'exit 1', moved: false },
  { remote: 'dies before it has moved the base', hook: 'pre-receive', does: 'kill -9 $PPID', moved: false },
  {
    remote: 'dies when it has moved the base',
    hook: 'reference-transaction',
    does: 'test "$1" != committed || kill -9 $PPID',
    moved: true,
  },
];

it.each(faults)('a remote that $remote gets one merge, by the next attempt', async ({ hook, does, moved }) => {
  const whole = issuesEnd(work, await work.push());
  const path = join(work.remote.dir, 'hooks', hook);
  await writeFile(path, `#!/bin/sh\n${does}\n`, { mode: 0o755 });
  await expect(whole(work.restarted())).rejects.toThrow(/does not let main move|cannot push|remote/);
  await rm(path);
  const merges = await work.remote.git.run(['rev-list', '--count', '--merges', 'main']);
  expect(merges).toBe(moved ? '1' : '0');
  await whole(work.restarted());
  await hasOneOfEach(work);
});

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Killed } from '../support/breaking-records.ts';
import { createForgeWork, someOutcome, type ForgeActivities } from '../support/forge-work.ts';

/** Opening, status, review, landing, merged, closed, comment: each killed before and after. */
const POINTS = 14;

it.each(Array.from({ length: POINTS + 1 }, (_, point) => point))(
  'killed at point %i and started again, an issue has one pull request, one review and one merge',
  async (point) => {
    const work = await createForgeWork();
    const pushed = await work.push();
    const whole = async (by: ForgeActivities): Promise<'ended'> => {
      const { number } = await work.open(pushed, by);
      await work.approve(pushed, number, by);
      const landed = await work.land(pushed, number, by);
      const sha = landed.kind === 'landed' ? landed.sha : null;
      await work.end(someOutcome('landed', { pullRequest: number, sha }), by);
      return 'ended';
    };
    const first = await whole(work.restarted(point)).catch((error: unknown) => error);
    if (point < POINTS) expect(first).toBeInstanceOf(Killed);
    else expect(first).toBe('ended');
    await whole(work.restarted());
    expect(await readdir(join(work.state.layout.forge, 'pulls'))).toEqual(['1.json']);
    expect(await work.record('pulls/1')).toMatchObject({ state: 'merged', reviews: [{ verdict: 'approved' }] });
    expect(await work.record('issues/12')).toMatchObject({ closings: [{ why: 'completed' }], comments: [{}] });
    expect(await work.remote.git.run(['rev-list', '--count', '--merges', 'main'])).toBe('1');
    await work.dispose();
  },
);

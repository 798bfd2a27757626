import { expect, test } from 'vitest';
import type { PrepareInput } from '../../../workflows/domain/attempt.ts';
import { attributes } from '../../../workflows/ids.ts';
import { resumeUpdate } from '../../../workflows/messages.ts';
import { byRole, needsWork } from '../../support/workflow/answers.ts';
import { startHastyServer, HASTE } from '../../support/workflow/hasty-server.ts';
import { planned } from '../../support/workflow/memory-activities.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const WIDTH = 5;

/** Twenty chains of three issues; every fourth chain shares files with the next one. */
const issues = Array.from({ length: 60 }, (_, index) => {
  const chain = index % 20;
  return planned(`i${index}`, {
    dependencies: index < 20 ? [] : [`i${index - 20}`],
    files: chain % 4 < 2 ? [`src/${Math.floor(chain / 4)}/`] : [],
  });
});

describeWorkflows(
  'a long batch',
  (world) => {
    test('continues as new again and again, and loses, repeats and overruns nothing', async () => {
      const prepared = new Map<string, PrepareInput>();
      const ground = world.ground(issues, {
        agent: byRole({ review: ({ issue, round }) => (issue.key === 'i0' && round <= 3 ? needsWork : {}) }),
        prepare: async (input) => (prepared.set(input.issue.key, input), null),
        pageSize: 7,
      });
      const batch = await ground.startBatch({ width: WIDTH });
      // The one that waits for a person does so over several runs of the batch, and comes back to a later one.
      const status = await ground.stands(({ atRest }) => atRest);
      expect(status.waiting.map((each) => each.key)).toEqual(['i20', 'i40']);
      await ground.issue('i0').executeUpdate(resumeUpdate, { args: [{ message: null }] });
      expect(await batch.result()).toMatchObject({ counts: { approved: 60 }, adopted: [] });

      expect(ground.memory.most()).toBeLessThanOrEqual(WIDTH);
      expect(ground.memory.log.filter((line) => line.startsWith('implement '))).toHaveLength(60);
      for (const { key, dependencies } of issues) {
        expect(
          prepared.get(key)?.dependencies.map(({ id }) => id),
          key,
        ).toEqual(dependencies);
      }
      for (let chain = 0; chain < 20; chain += 4) expect(ground.memory.met(`i${chain}`, `i${chain + 1}`)).toBe(false);

      const { memo, typedSearchAttributes } = await batch.describe();
      expect(memo?.['input']).toMatchObject({ batch: ground.batchName });
      expect(typedSearchAttributes.get(attributes.batch)).toBe(ground.batchName);
      const runs = await ground.runs();
      expect(runs.length).toBeGreaterThan(3);
      for (const events of runs) expect(events).toBeLessThan(4 * HASTE);
    });
  },
  startHastyServer,
);

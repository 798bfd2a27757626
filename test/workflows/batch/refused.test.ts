import { expect, test } from 'vitest';
import { noBudgets } from '../../../workflows/domain/settings.ts';
import { budgetSignal } from '../../../workflows/messages.ts';
import { SIGNALS, startServerOfFewSignals } from '../../support/workflow/hasty-server.ts';
import { createGate, hold, planned } from '../../support/workflow/memory-activities.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

describeWorkflows(
  'a batch that cannot adopt an issue',
  (world) => {
    test('fails it with the reason, and asks it once', async () => {
      const gate = createGate();
      const agent = () => hold(gate.opened).then(() => ({}));
      const ground = world.ground([planned('a')], { agent });
      const first = await ground.startBatch();
      await ground.until(() => ground.memory.running().includes('a'));
      for (let sent = 0; sent < SIGNALS; sent++) await ground.issue('a').signal(budgetSignal, noBudgets.batch);
      const second = await ground.startBatch({ batch: `${ground.repo}-second` });
      expect(await second.result()).toMatchObject({
        counts: { failed: 1 },
        adopted: [],
        refused: [{ key: 'a', why: expect.stringMatching(/^another batch works on it.*signal limit/) }],
      });
      const { events } = await second.fetchHistory();
      const asked = events?.filter((event) => event.signalExternalWorkflowExecutionInitiatedEventAttributes);
      expect(asked).toHaveLength(1);
      await ground.keep('batch with an issue that it could not adopt', second);
      gate.open();
      expect(await first.result()).toMatchObject({ counts: { approved: 1 } });
    });
  },
  startServerOfFewSignals,
);

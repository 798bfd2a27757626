import { expect, test } from 'vitest';
import { createArtifactStore } from '../../../activities/repository/artifact.ts';
import { findPlanned } from '../../../client/batch/find-planned.ts';
import type { Session } from '../../../client/session/session.ts';
import { stateLayout } from '../../../workflows/domain/host/layout.ts';
import { addUpdate } from '../../../workflows/messages.ts';
import { temporaryFolder } from '../../support/git/user-repository.ts';
import { createGate, hold, planned } from '../../support/workflow/memory-activities.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

describeWorkflows('the batch of an issue that was never started', (world) => {
  test('is found by its first plan, and by one that was added while it ran', async () => {
    const stateRoot = await temporaryFolder();
    const plans = { first: [planned('a'), planned('b')], more: [planned('c')] };
    const keep = (repo: string, issues: readonly unknown[]) =>
      createArtifactStore(stateLayout(stateRoot).repository(repo)).put({ version: 1, name: null, issues });
    const first = await keep('names', plans.first);
    const more = await keep('names', plans.more);
    const gate = createGate();
    const ground = world.ground(plans.first, {
      plans: { [first.sha256]: plans.first, [more.sha256]: plans.more },
      agent: () => hold(gate.opened).then(() => ({})),
    });
    await Promise.all([keep(ground.repo, plans.first), keep(ground.repo, plans.more)]);
    const batch = await ground.startBatch({ width: 1, plans: [first.sha256] });
    await batch.executeUpdate(addUpdate, { args: [{ plan: more.sha256 }] });
    await ground.stands(({ waiting }) => waiting.length === 2);

    const session = { client: world.client, stateRoot } as Session; // it only looks
    const find = (id: string) => findPlanned(session, { id, batch: ground.batchName });
    expect(await find('b')).toBe(ground.batchName);
    expect(await find('c')).toBe(ground.batchName);
    expect(await find('d')).toBeNull();

    gate.open();
    expect(await batch.result()).toMatchObject({ counts: { approved: 3 } });
    expect(await find('c')).toBe(ground.batchName);
  });
});

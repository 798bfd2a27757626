import { expect, test } from 'vitest';
import { failure } from '../../../activities/failure/failure.ts';
import { noUsage, type PrepareInput } from '../../../workflows/domain/attempt.ts';
import { resumeUpdate, stopUpdate } from '../../../workflows/messages.ts';
import { byRole, limited, needsWork } from '../../support/workflow/answers.ts';
import { createGate, hold, planned } from '../../support/workflow/memory-activities.ts';
import { policy, withBudget } from '../../support/workflow/workflow-ground.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const held = (gate: { readonly opened: Promise<void> }) => () => hold(gate.opened).then(() => ({}));
const starts = (log: readonly string[]) =>
  log.filter((line) => line.startsWith('prepare ')).map((line) => line.slice(8));

describeWorkflows('a batch', (world) => {
  test('fills its window, and never more than that', async () => {
    const gate = createGate();
    const ground = world.ground(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => planned(id)),
      { agent: held(gate) },
    );
    const batch = await ground.startBatch({ width: 2 });
    await ground.until(() => ground.memory.running().length === 2);
    const status = await ground.stands(({ waiting }) => waiting.length === 4);
    expect(status.waiting.map((each) => each.why)).toEqual(Array(4).fill('no slot is free'));
    gate.open();
    expect(await batch.result()).toMatchObject({ counts: { approved: 6 }, adopted: [], plans: ['plan'] });
    await ground.keep('batch of six at width two', batch);
    expect(ground.memory.most()).toBe(2);
  });

  test('starts what is urgent first, then what most hangs on, then by the plan', async () => {
    const ground = world.ground([
      planned('low', { priority: 'low' }),
      planned('leaf'),
      planned('root'),
      planned('middle', { dependencies: ['root'] }),
      planned('top', { dependencies: ['middle'] }),
      planned('high', { priority: 'high' }),
      planned('blocker', { priority: 'blocker' }),
    ]);
    await (await ground.startBatch({ width: 1 })).result();
    expect(starts(ground.memory.log)).toEqual(['blocker', 'high', 'root', 'middle', 'leaf', 'top', 'low']);
  });

  test('starts an issue on the approved work of its dependencies, in plan order, where nothing lands', async () => {
    const prepared = new Map<string, PrepareInput>();
    const ground = world.ground(
      [planned('a'), planned('b'), planned('c', { dependencies: ['b', 'a'] }), planned('d', { dependencies: ['c'] })],
      { prepare: async (input) => (prepared.set(input.issue.key, input), null) },
    );
    const batch = await ground.startBatch();
    expect(await batch.result()).toMatchObject({ counts: { approved: 4 } });
    await ground.keep('batch with dependencies', batch);
    expect(prepared.get('a')?.dependencies).toEqual([]);
    expect(prepared.get('c')?.dependencies).toEqual([
      { id: 'a', key: 'a', sha: 'a-1', pullRequest: 1 },
      { id: 'b', key: 'b', sha: 'b-1', pullRequest: 2 },
    ]);
    expect(prepared.get('d')?.dependencies).toEqual([{ id: 'c', key: 'c', sha: 'c-1', pullRequest: 3 }]);
    const { log } = ground.memory;
    expect(log.indexOf('prepare c')).toBeGreaterThan(Math.max(log.indexOf('post a 1'), log.indexOf('post b 1')));
  });

  test('starts an issue only after its dependency has landed, and from the base, where the policy lands', async () => {
    const prepared = new Map<string, PrepareInput>();
    const ground = world.ground([planned('a'), planned('b', { dependencies: ['a'] })], {
      prepare: async (input) => (prepared.set(input.issue.key, input), null),
    });
    const batch = await ground.startBatch({ policy: { ...policy, landing: 'direct' } });
    expect(await batch.result()).toMatchObject({ counts: { landed: 2 } });
    await ground.keep('batch that lands', batch);
    expect(prepared.get('b')?.dependencies).toEqual([]);
    expect(ground.memory.log.indexOf('prepare b')).toBeGreaterThan(ground.memory.log.indexOf('land a'));
  });

  test('knows a dependency that comes later in the plan, on another page of it', async () => {
    const ground = world.ground([planned('a', { dependencies: ['d'] }), planned('b'), planned('c'), planned('d')], {
      pageSize: 1,
    });
    await (await ground.startBatch({ width: 4 })).result();
    expect(ground.memory.log.indexOf('prepare a')).toBeGreaterThan(ground.memory.log.indexOf('post d 1'));
  });

  test('takes what the plan calls done as done', async () => {
    const ground = world.ground([planned('a'), planned('b', { dependencies: ['a'] })], { skips: ['a'] });
    expect(await (await ground.startBatch()).result()).toMatchObject({ counts: { skipped: 1, approved: 1 } });
    expect(starts(ground.memory.log)).toEqual(['b']);
  });

  test('takes skipped for done only where there is work to start on', async () => {
    const skipped = (satisfies: boolean, sha: string | null) =>
      ({ kind: 'skipped', reason: 'it has a pull request', pullRequest: 7, sha, satisfies }) as const;
    const prepared = new Map<string, PrepareInput>();
    const ground = world.ground(
      [
        planned('open'),
        planned('approved'),
        planned('after-open', { dependencies: ['open'] }),
        planned('after-approved', { dependencies: ['approved'] }),
      ],
      {
        prepare: async (input) => {
          prepared.set(input.issue.key, input);
          if (input.issue.key === 'open') return skipped(false, null);
          return input.issue.key === 'approved' ? skipped(true, 'theirs') : null;
        },
      },
    );
    const batch = await ground.startBatch();
    const status = await ground.stands(({ atRest }) => atRest);
    await ground.keep('batch at rest for a dependency', batch);
    expect(status.waiting).toEqual([{ key: 'after-open', why: 'waits for open (unmet)' }]);
    expect(prepared.get('after-approved')?.dependencies).toEqual([
      { id: 'approved', key: 'approved', sha: 'theirs', pullRequest: 7 },
    ]);
  });

  test('never runs two issues at once that are expected to touch the same files', async () => {
    const ground = world.ground([
      planned('a', { files: ['src/parse.js'] }),
      planned('b', { files: ['src/'] }),
      planned('c', { files: ['docs/**'] }),
    ]);
    expect(await (await ground.startBatch({ width: 3 })).result()).toMatchObject({ counts: { approved: 3 } });
    expect(ground.memory.met('a', 'b')).toBe(false);
    const { log } = ground.memory;
    expect(log.indexOf('prepare b')).toBeGreaterThan(log.indexOf('post a 1'));
    expect(log.indexOf('prepare c')).toBeLessThan(log.indexOf('post a 1'));
  });

  test('gives a slot back to an issue only when nothing that runs touches its files', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a', { files: ['x'] }), planned('b', { files: ['x'] })], {
      agent: byRole({
        implement: ({ issue }) => (issue.key === 'b' ? hold(gate.opened).then(() => ({})) : {}),
        review: ({ issue, round }) => (issue.key === 'a' && round <= 3 ? needsWork : {}),
      }),
    });
    const batch = await ground.startBatch();
    await ground.reaches('a', 'waiting (human)');
    await ground.until(() => ground.memory.running().includes('b'));
    await ground.issue('a').executeUpdate(resumeUpdate, { args: [{ message: null }] });
    await ground.reaches('a', 'waiting (slot)');
    await ground.keep('waits for a slot', ground.issue('a'));
    gate.open();
    expect(await batch.result()).toMatchObject({ counts: { approved: 2 } });
    await ground.keep('batch that gives a slot back', batch);
    expect(ground.memory.met('a', 'b')).toBe(false);
    const { log } = ground.memory;
    expect(log.lastIndexOf('fix a')).toBeGreaterThan(log.indexOf('post b 1'));
  });

  test('starts nothing more once its budget is spent; what waits for a person has cost something too', async () => {
    const ground = world.ground([planned('a'), planned('b'), planned('c')], {
      agent: byRole({
        implement: () => ({ usage: { ...noUsage, costUsd: 1 } }),
        review: ({ issue }) => (issue.key === 'a' ? needsWork : {}),
      }),
    });
    const batch = await ground.startBatch({ width: 1, policy: withBudget({ batch: { costUsd: 2, tokens: null } }) });
    const status = await ground.stands(({ atRest }) => atRest);
    await ground.keep('batch at rest for its budget', batch);
    expect(status).toMatchObject({
      spentUsd: 2,
      waiting: [
        {
          key: 'c',
          why: expect.stringMatching(
            /^the batch's budget of \$2 is spent \(\$2\): raise it with millrace steer \S+ --budget$/,
          ) as string,
        },
      ],
    });
    await batch.executeUpdate(stopUpdate);
    expect(await batch.result()).toMatchObject({
      costUsd: 2,
      counts: { approved: 1, 'needs-manual-review': 1, skipped: 1 },
    });
  });

  test('starts nothing on a profile that is used up, and frees the slot meanwhile', async () => {
    let calls = 0;
    const ground = world.ground([planned('a'), planned('b')], {
      agent: byRole({ implement: () => (++calls === 1 ? limited(Date.now() + 3_600_000) : {}) }),
    });
    const batch = await ground.startBatch({ width: 1 });
    await ground.reaches('a', 'waiting (quota)');
    const status = await ground.stands(({ waiting }) => waiting[0]?.why !== 'no slot is free');
    await ground.keep('batch that waits for quota', batch);
    expect(status.waiting[0]).toMatchObject({
      key: 'b',
      why: expect.stringMatching(/^quota of profile main is used up until /),
    });
    expect(status.atRest).toBe(false);
    // Whoever lets one issue go on knows that the account may be used again.
    await ground.issue('a').executeUpdate(resumeUpdate, { args: [{ message: null }] });
    expect(await batch.result()).toMatchObject({ counts: { approved: 2 } });
  });

  test('goes on by itself when the quota is back', async () => {
    let calls = 0;
    const ground = world.ground([planned('a'), planned('b')], {
      agent: byRole({ implement: () => (++calls === 1 ? limited(Date.now() + 700) : {}) }),
    });
    const batch = await ground.startBatch({ width: 1 });
    expect(await batch.result()).toMatchObject({ counts: { approved: 2 } });
    await ground.keep('batch after a quota wait', batch);
  });

  test('lets one failure stop only what depends on it', async () => {
    const ground = world.ground(
      [planned('a'), planned('b', { dependencies: ['a'] }), planned('c'), planned('d', { dependencies: ['c'] })],
      {
        agent: ({ issue }) => {
          if (issue.key === 'a') throw failure('AgentCrashed', 'exit status 139', { nonRetryable: true });
          return {};
        },
      },
    );
    const batch = await ground.startBatch();
    const status = await ground.stands(({ atRest }) => atRest);
    expect(status.waiting).toEqual([{ key: 'b', why: 'waits for a (failed)' }]);
    expect(starts(ground.memory.log).sort()).toEqual(['a', 'c', 'd']);
    // A person mends it and runs it again: what hung on it goes on.
    await expect(ground.issue('a').result()).resolves.toMatchObject({ kind: 'failed' });
    await batch.executeUpdate(stopUpdate);
    expect(await batch.result()).toMatchObject({ counts: { failed: 1, approved: 2, skipped: 1 } });
  });

  test('at rest goes on when the issue that held it is run again', async () => {
    let broken = true;
    const ground = world.ground([planned('a'), planned('b', { dependencies: ['a'] })], {
      agent: () => {
        if (broken) throw failure('AgentCrashed', 'exit status 139', { nonRetryable: true });
        return {};
      },
    });
    const batch = await ground.startBatch();
    await ground.stands(({ atRest }) => atRest);
    broken = false;
    await ground.startIssue('a', { rerun: { message: null } });
    expect(await batch.result()).toMatchObject({ counts: { approved: 2 } });
    await ground.keep('batch at rest that goes on', batch);
    expect(starts(ground.memory.log)).toEqual(['a', 'a', 'b']);
  });
});

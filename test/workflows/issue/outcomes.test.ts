import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { failure } from '../../../activities/failure/failure.ts';
import { noUsage, type AttemptLeftover } from '../../../workflows/domain/attempt.ts';
import { byRole, idle, needsWork } from '../../support/workflow/answers.ts';
import { planned } from '../../support/workflow/memory-activities.ts';
import { policy } from '../../support/workflow/workflow-ground.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const a = [planned('a')];

describeWorkflows('an issue ends as', (world) => {
  test('approved, every step once and in order, when all goes well', async () => {
    const ground = world.ground(a);
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({
      kind: 'approved',
      reason: 'approved by review',
      branch: 'millrace/a',
      pullRequest: 1,
      sha: 'a-1',
      ref: 'refs/millrace/a/1',
      rounds: 1,
      attempts: 2,
    });
    await ground.keep('approved', issue);
    expect(ground.memory.log.slice(0, 7)).toEqual([
      'prepare a',
      'implement a',
      'check a',
      'publish a a-1',
      'pull a',
      'review a',
      'post a 1',
    ]);
    expect(ground.memory.log.slice(7).sort()).toEqual(['record a approved', 'remove a']);
  });

  test('approved without a check where the repository has none', async () => {
    const ground = world.ground(a);
    const issue = await ground.startIssue('a', { policy: { ...policy, hasChecks: false } });
    expect((await issue.result()).kind).toBe('approved');
    await ground.keep('approved without checks', issue);
    expect(ground.memory.log).not.toContain('check a');
  });

  test('landed by merging directly, without a pull request, at the sha that the base moved to', async () => {
    const ground = world.ground(a);
    const issue = await ground.startIssue('a', { policy: { ...policy, landing: 'direct' } });
    expect(await issue.result()).toMatchObject({ kind: 'landed', sha: 'landed-a', pullRequest: null });
    await ground.keep('landed direct', issue);
    expect(ground.memory.log).toContain('land a');
    expect(ground.memory.log).not.toContain('pull a');
  });

  test('landed by merging its pull request', async () => {
    const ground = world.ground(a);
    const issue = await ground.startIssue('a', { policy: { ...policy, landing: 'merge' } });
    expect(await issue.result()).toMatchObject({ kind: 'landed', sha: 'landed-a', pullRequest: 1 });
    await ground.keep('landed by pull request', issue);
  });

  test('no-change when the agent shows that it is done already', async () => {
    const ground = world.ground(a, { agent: () => idle('no-change', 'src/a.js has it since v2') });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({ kind: 'no-change', reason: 'src/a.js has it since v2', attempts: 1 });
    await ground.keep('no change', issue);
    expect(ground.memory.log).not.toContain('publish a base');
  });

  test('skipped when it is closed or has a pull request already; the forge is told nothing', async () => {
    const ground = world.ground(a, {
      prepare: async () => ({ kind: 'skipped', reason: 'it is closed', pullRequest: null, sha: null, satisfies: true }),
    });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({ kind: 'skipped', reason: 'it is closed', attempts: 0 });
    await ground.keep('skipped', issue);
    expect(ground.memory.log).toEqual(['prepare a']);
  });

  test('review-failed when two verdicts in a row cannot be read; that is no round', async () => {
    const ground = world.ground(a, {
      agent: byRole({ review: () => ({ end: { kind: 'unreadable', problem: 'no JSON' } }) }),
    });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({
      kind: 'review-failed',
      reason: 'the reviewer gave no verdict, asked twice: no JSON',
      rounds: 0,
      attempts: 3,
    });
    await ground.keep('review failed', issue);
    const [, first, again] = ground.memory.attempts;
    expect(first?.ask).toEqual({ kind: 'review', earlier: null, since: null });
    expect(again).toMatchObject({
      ask: { kind: 'review-again', problem: 'no JSON' },
      session: { id: first?.session.id, resumed: true },
    });
  });

  test('approved when only the first verdict cannot be read', async () => {
    const ground = world.ground(a, {
      agent: byRole({
        review: ({ ask }) => (ask.kind === 'review' ? { end: { kind: 'unreadable', problem: 'no JSON' } } : {}),
      }),
    });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({ kind: 'approved', rounds: 1, attempts: 3 });
    await ground.keep('approved after asking the reviewer again', issue);
  });

  test('review-failed when the reviewer crashes, and what it cost is counted', async () => {
    const ground = world.ground(a, {
      agent: byRole({
        review: () => {
          throw failure('AgentCrashed', 'exit status 139', {
            details: leftover({ changed: false }),
            nonRetryable: true,
          });
        },
      }),
    });
    const issue = await ground.startIssue();
    const outcome = await issue.result();
    expect(outcome).toMatchObject({ kind: 'review-failed', reason: 'exit status 139', sha: 'a-1' });
    expect(outcome.usage.costUsd).toBe(0.5);
    await ground.keep('review crashed', issue);
  });

  test('failed when the agent gives up although it was told once that doing nothing will not do', async () => {
    const ground = world.ground(a, { agent: () => idle('failed', 'References non-existent files') });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({
      kind: 'failed',
      reason: 'agent gave up: References non-existent files',
      attempts: 2,
    });
    await ground.keep('failed gave up', issue);
    expect(ground.memory.attempts[1]?.ask).toEqual({
      kind: 'push-back',
      words: 'The issue may be asking to CREATE those files. Create what is missing.',
    });
  });

  test('failed when set-up fails, with the type of the failure', async () => {
    const ground = world.ground(a, {
      prepare: async () => {
        throw failure('SetupFailed', 'npm ci ended with 1');
      },
    });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({ kind: 'failed', reason: 'SetupFailed: npm ci ended with 1' });
    await ground.keep('failed set-up', issue);
    expect(ground.memory.log).not.toContain('remove a');
  });

  test('failed when a crashed agent left nothing, and reviewed like any other where it left work', async () => {
    const crash = (changed: boolean) => () => {
      throw failure('AgentStalled', 'silent for 10 minutes', { details: leftover({ changed }), nonRetryable: true });
    };
    const nothing = world.ground(a, { agent: byRole({ implement: crash(false) }) });
    const without = await nothing.startIssue();
    expect(await without.result()).toMatchObject({ kind: 'failed', reason: 'silent for 10 minutes', attempts: 1 });
    await nothing.keep('failed crash without work', without);

    let reviews = 0;
    const something = world.ground(a, {
      agent: byRole({ implement: crash(true), review: () => (++reviews === 1 ? needsWork : {}) }),
    });
    const salvaged = await something.startIssue();
    const outcome = await salvaged.result();
    expect(outcome).toMatchObject({ kind: 'approved', rounds: 2, sha: 'a-3' });
    expect(outcome.usage.costUsd).toBe(0.5);
    await something.keep('approved after a salvaged crash', salvaged);
    expect(something.memory.log).toContain('publish a salvaged');
    const fix = something.memory.attempts.find((each) => each.role === 'fix');
    expect(fix?.session).toEqual({ id: something.memory.attempts[0]?.session.id, resumed: true });
  });

  test('failed when the push is refused', async () => {
    const ground = world.ground(a, {
      on: (step) => {
        if (step === 'publishWork') throw failure('PushRejected', 'the branch was moved by somebody else');
      },
    });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({
      kind: 'failed',
      reason: 'PushRejected: the branch was moved by somebody else',
      sha: 'a-1',
    });
    await ground.keep('failed push', issue);
  });

  test('itself, when clean-up and the note on the forge fail: neither may cost the outcome', async () => {
    const ground = world.ground(a, {
      on: (step) => {
        if (step === 'removeWorktree') throw failure('WorktreeBroken', 'busy', { nonRetryable: true });
        if (step === 'recordOutcome') throw failure('ForgeRejected', 'forbidden');
      },
    });
    const issue = await ground.startIssue();
    expect((await issue.result()).kind).toBe('approved');
    await ground.keep('approved with failed clean-up', issue);
  });

  test('a failed workflow only by what nobody foresaw: it is not dressed up as an outcome', async () => {
    const ground = world.ground(a, {
      on: (step) => {
        if (step === 'runChecks')
          throw withoutStack(ApplicationFailure.nonRetryable('undefined is no function', 'TypeError'));
      },
    });
    const issue = await ground.startIssue();
    await expect(issue.result()).rejects.toThrow('Workflow execution failed');
    await ground.keep('bug in an activity', issue);
  });
});

function leftover({ changed }: { changed: boolean }): AttemptLeftover {
  return {
    head: changed ? 'salvaged' : 'base',
    changed,
    ref: 'refs/millrace/a/1',
    session: 'crashed-session',
    usage: { ...noUsage, costUsd: 0.5 },
  };
}

/** Stacks name this machine's folders, and the history is checked in. */
function withoutStack<T extends Error>(error: T): T {
  error.stack = '';
  return error;
}

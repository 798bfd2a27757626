import { expect, test } from 'vitest';
import { failure } from '../../../activities/failure/failure.ts';
import { noUsage, type AttemptInput } from '../../../workflows/domain/attempt.ts';
import { noBudgets, type Policy } from '../../../workflows/domain/settings.ts';
import { budgetUpdate, resumeUpdate } from '../../../workflows/messages.ts';
import { byRole, idle, limited, needsWork } from '../../support/workflow/answers.ts';
import { planned } from '../../support/workflow/memory-activities.ts';
import { policy, withBudget } from '../../support/workflow/workflow-ground.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const a = [planned('a')];
const resume = { args: [{ message: null }] as [{ message: string | null }] };
const hour = 3_600_000;

/** The default policy with chains of profiles, and who takes over from whom. */
function played(roles: Partial<Policy['roles']>, fallbacks: Policy['fallbacks'] = {}): Policy {
  return { ...policy, roles: { ...policy.roles, ...roles }, fallbacks };
}

const who = (attempts: readonly AttemptInput[]) => attempts.map(({ role, profile }) => `${role} ${profile}`);

const crash = (): never => {
  throw failure('AgentCrashed', 'exit status 139', { nonRetryable: true });
};

describeWorkflows('the profiles of an issue', (world) => {
  test('after a failed attempt the next of the chain takes over, in a session of its own', async () => {
    const ground = world.ground(a, { agent: ({ profile }) => (profile === 'cheap' ? crash() : {}) });
    const issue = await ground.startIssue('a', { policy: played({ implement: ['cheap', 'strong'] }) });
    const outcome = await issue.result();
    await ground.keep('approved by the second profile', issue);
    expect(outcome).toMatchObject({
      kind: 'approved',
      notes: ['implement: strong takes over from cheap: exit status 139'],
    });
    expect(who(ground.memory.attempts)).toEqual(['implement cheap', 'implement strong', 'review critic']);
    const [first, second] = ground.memory.attempts;
    expect(second?.session).toMatchObject({ resumed: false });
    expect(second?.session.id).not.toBe(first?.session.id);
  });

  test('an agent that gives up has failed, too: the next one starts over', async () => {
    const ground = world.ground(a, {
      agent: ({ profile }) => (profile === 'cheap' ? idle('failed', 'too complex') : {}),
    });
    const issue = await ground.startIssue('a', { policy: played({ implement: ['cheap', 'strong'] }) });
    expect(await issue.result()).toMatchObject({ kind: 'approved' });
    expect(ground.memory.attempts.map(({ profile, ask }) => `${profile} ${ask.kind}`)).toEqual([
      'cheap implement',
      'cheap push-back',
      'strong implement',
      'critic review',
    ]);
  });

  test('after a failed round the next of the chain fixes; the last one stays', async () => {
    const ground = world.ground(a, { agent: byRole({ review: ({ round }) => (round < 3 ? needsWork : {}) }) });
    const chain = ['cheap', 'strong'];
    const issue = await ground.startIssue('a', { policy: played({ implement: chain, fix: chain }) });
    expect(await issue.result()).toMatchObject({ kind: 'approved', rounds: 3 });
    expect(who(ground.memory.attempts).filter((each) => !each.startsWith('review'))).toEqual([
      'implement cheap',
      'fix strong',
      'fix strong',
    ]);
  });

  test('checks that cannot be mended are handed to the next of the chain before a person is asked', async () => {
    const ground = world.ground(a, { checks: () => false });
    await ground.startIssue('a', { policy: played({ fix: ['main', 'strong'] }) });
    const status = await ground.reaches('a', 'waiting (human)');
    expect(status.reason).toBe('checks still fail after 2 fixes: test');
    expect(who(ground.memory.attempts)).toEqual(['implement main', 'fix main', 'fix main', 'fix strong', 'fix strong']);
  });

  test('a reviewer that gives no verdict twice is replaced by the next one', async () => {
    const ground = world.ground(a, {
      agent: ({ role, profile }) =>
        role === 'review' && profile === 'critic' ? { end: { kind: 'unreadable', problem: 'no verdict' } } : {},
    });
    const issue = await ground.startIssue('a', { policy: played({ review: ['critic', 'judge'] }) });
    expect(await issue.result()).toMatchObject({ kind: 'approved', rounds: 1 });
    expect(who(ground.memory.attempts).slice(1)).toEqual(['review critic', 'review critic', 'review judge']);
  });

  test('a profile without quota is stood in for at once, and plays again when its quota is back', async () => {
    const ground = world.ground(a, {
      agent: ({ role, profile, attempt }) => {
        if (profile === 'main' && attempt === 1) return limited(Date.now() + hour);
        return role === 'review' ? needsWork : {};
      },
    });
    await ground.startIssue('a', { policy: played({}, { main: 'other' }) });
    const status = await ground.reaches('a', 'waiting (human)');
    expect(status.notes?.[0]).toMatch(/^implement: other takes over from main, whose quota is used up until 20\d\d-/);
    expect(who(ground.memory.attempts).filter((each) => !each.startsWith('review'))).toEqual([
      'implement main',
      'implement other',
      'fix other',
      'fix other',
    ]);
  });

  test('where nobody can stand in, the first quota that is back is waited for', async () => {
    const ground = world.ground(a, {
      agent: ({ profile, attempt }) => {
        if (attempt === 1) return limited(Date.now() + hour);
        if (attempt === 2) return limited(Date.now() + 500);
        return { summary: profile };
      },
    });
    const issue = await ground.startIssue('a', { policy: played({}, { main: 'other' }) });
    expect(await issue.result()).toMatchObject({ kind: 'approved' });
    await ground.keep('approved after two used-up profiles', issue);
    expect(who(ground.memory.attempts).slice(0, 3)).toEqual(['implement main', 'implement other', 'implement other']);
  });

  test('an agent that is not logged in parks its profile for the batch, and a person is asked', async () => {
    let away = true;
    const ground = world.ground([planned('a'), planned('b')], {
      agent: () => {
        if (away) throw failure('AgentUnavailable', 'claude is not logged in');
        return {};
      },
    });
    const batch = await ground.startBatch({ width: 1 });
    const status = await ground.reaches('a', 'waiting (human)');
    await ground.keep('waits for a person after an unavailable agent', ground.issue('a'));
    expect(status).toMatchObject({
      reason: 'implement: claude is not logged in; type: millrace resume a',
      attempts: 1,
    });
    const stands = await ground.stands(({ waiting }) => waiting[0]?.why.startsWith('profile main') === true);
    expect(stands.waiting[0]?.why).toMatch(/ or until an issue is resumed: claude is not logged in$/);
    away = false;
    await ground.issue('a').executeUpdate(resumeUpdate, resume);
    expect(await batch.result()).toMatchObject({ counts: { approved: 2 } });
  });

  test('an agent that is not logged in is stood in for', async () => {
    const ground = world.ground(a, {
      agent: ({ profile }) => {
        if (profile === 'main') throw failure('AgentUnavailable', 'codex is not logged in');
        return {};
      },
    });
    const issue = await ground.startIssue('a', { policy: played({}, { main: 'other' }) });
    expect(await issue.result()).toMatchObject({ kind: 'approved', notes: ['profile main: codex is not logged in'] });
  });
});

describeWorkflows('the budgets of an issue', (world) => {
  const spent = (reason: string, usage = noUsage) => ({
    end: { kind: 'budget-spent', what: 'cost', reason } as const,
    usage,
  });

  test('go with every attempt, with what is spent; a spent one asks a person, whose word grants it again', async () => {
    const issueBudget = { ...noBudgets, issue: { costUsd: 2, tokens: null } };
    const ground = world.ground(a, {
      agent: byRole({
        implement: ({ attempt }) =>
          attempt === 1
            ? spent("the issue's budget of $2 is spent ($2.5)", { ...noUsage, costUsd: 2.5 })
            : { usage: { ...noUsage, costUsd: 1 } },
      }),
    });
    const issue = await ground.startIssue('a', { policy: withBudget(issueBudget) });
    const status = await ground.reaches('a', 'waiting (human)');
    await ground.keep('waits for a person after the budget of an issue', issue);
    expect(status.reason).toBe("implement: the issue's budget of $2 is spent ($2.5)");
    expect(status.head).toBe('a-1');
    await issue.executeUpdate(resumeUpdate, resume);
    expect(await issue.result()).toMatchObject({ kind: 'approved', usage: { costUsd: 3.5 } });
    const [first, second] = ground.memory.attempts;
    expect(first).toMatchObject({ budgets: issueBudget, spent: noUsage });
    expect(second).toMatchObject({
      budgets: { issue: { costUsd: 4.5 } },
      spent: { costUsd: 2.5 },
      ask: { kind: 'continue' },
    });
  });

  test('of a batch can be raised: what waits goes on, what runs knows it', async () => {
    const ground = world.ground([planned('a'), planned('b')], {
      agent: byRole({ implement: () => ({ usage: { ...noUsage, costUsd: 1 } }) }),
    });
    const batch = await ground.startBatch({ width: 1, policy: withBudget({ batch: { costUsd: 1, tokens: null } }) });
    await ground.stands(({ atRest }) => atRest);
    expect(await batch.executeUpdate(budgetUpdate, { args: [{ costUsd: 5 }] })).toEqual({
      before: { costUsd: 1, tokens: null },
      after: { costUsd: 5, tokens: null },
    });
    expect(await batch.result()).toMatchObject({ counts: { approved: 2 }, costUsd: 2 });
    await ground.keep('batch whose budget was raised', batch);
    expect(ground.memory.attempts.at(-1)?.budgets?.batch).toEqual({ costUsd: 5, tokens: null });
  });

  test('of a night is over at noon: until then nothing starts', async () => {
    const until = Date.now() + hour;
    const ground = world.ground([planned('a'), planned('b')], {
      agent: () => ({
        end: { kind: 'budget-spent', what: 'cost', reason: "the night's budget of $1 is spent ($1)", renewsAt: until },
      }),
    });
    await ground.startBatch({ width: 1 });
    await ground.reaches('a', 'waiting (human)');
    const { waiting } = await ground.stands((status) => status.waiting[0]?.why.startsWith('profile main') === true);
    expect(waiting[0]?.why).toContain("the night's budget of $1 is spent ($1)");
  });
});

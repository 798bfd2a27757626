import { expect, test } from 'vitest';
import { resumeUpdate } from '../../../workflows/messages.ts';
import { byRole, exhausted, idle, limited, needsWork } from '../../support/workflow/answers.ts';
import { planned } from '../../support/workflow/memory-activities.ts';
import { policy } from '../../support/workflow/workflow-ground.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const a = [planned('a')];
const resume = (message: string | null = null) => ({ args: [{ message }] as [{ message: string | null }] });

describeWorkflows('the counters of an issue', (world) => {
  test('three rounds: the third review that needs work asks a person, and no fix follows it', async () => {
    const ground = world.ground(a, { agent: byRole({ review: () => needsWork }) });
    const issue = await ground.startIssue();
    const status = await ground.reaches('a', 'waiting (human)');
    await ground.keep('waits for a person after three rounds', issue);
    expect(status).toMatchObject({
      reason: 'review still needs work after 3 rounds',
      round: 3,
      rounds: 3,
      attempts: 6,
      lastVerdict: 'needs work: 2 findings',
    });
    expect(ground.memory.attempts.map((each) => `${each.role} ${each.round}`)).toEqual([
      'implement 0',
      'review 1',
      'fix 1',
      'review 2',
      'fix 2',
      'review 3',
    ]);
  });

  test('approved in the third round needs no person', async () => {
    const ground = world.ground(a, {
      agent: byRole({ review: ({ round }) => (round < 3 ? needsWork : {}) }),
    });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({ kind: 'approved', rounds: 3, attempts: 6, sha: 'a-5' });
    await ground.keep('approved in round three', issue);
  });

  test('each review is a fresh session that gets the earlier findings; each fix goes on in the implementer’s', async () => {
    const ground = world.ground(a, {
      agent: byRole({ review: ({ round }) => (round < 3 ? needsWork : {}) }),
    });
    await (await ground.startIssue()).result();
    const [implement, first, fix, second, again, third] = ground.memory.attempts;
    expect(new Set([first?.session.id, second?.session.id, third?.session.id, implement?.session.id]).size).toBe(4);
    expect(fix?.session).toEqual({ id: implement?.session.id, resumed: true });
    expect(again?.session).toEqual({ id: implement?.session.id, resumed: true });
    expect(implement?.session.resumed).toBe(false);
    expect(first?.ask).toEqual({ kind: 'review', earlier: null, since: null });
    expect(second?.ask).toMatchObject({ kind: 'review', earlier: { sha256: '1'.repeat(64) }, since: 'a-1' });
    expect(third?.ask).toMatchObject({ kind: 'review', since: 'a-3' });
    expect(fix?.ask).toMatchObject({ kind: 'fix-review', review: { sha256: '1'.repeat(64) } });
  });

  test('a fix by another profile is a session of its own', async () => {
    const ground = world.ground(a, { agent: byRole({ review: ({ round }) => (round < 3 ? needsWork : {}) }) });
    const roles = { ...policy.roles, fix: ['other'] };
    await (await ground.startIssue('a', { policy: { ...policy, roles } })).result();
    const [implement, , fix, , again] = ground.memory.attempts;
    expect(fix?.session).toMatchObject({ resumed: false });
    expect(fix?.session.id).not.toBe(implement?.session.id);
    expect(again?.session).toEqual({ id: fix?.session.id, resumed: true });
  });

  test('two fixes of failing checks, then a person; they are no rounds', async () => {
    const ground = world.ground(a, { checks: () => false });
    const issue = await ground.startIssue();
    const status = await ground.reaches('a', 'waiting (human)');
    await ground.keep('waits for a person after failing checks', issue);
    expect(status).toMatchObject({ reason: 'checks still fail after 2 fixes: test', round: 0, attempts: 3 });
    expect(ground.memory.attempts.slice(1).map((each) => each.ask.kind)).toEqual(['fix-checks', 'fix-checks']);
    expect(ground.memory.log).not.toContain('pull a');
  });

  test('check fixes count for the whole issue, and a resume grants two more', async () => {
    const ground = world.ground(a, {
      // Fails: after implementing, after the first review's fix, after that fix, and once more after the resume.
      checks: (_head, call) => ![1, 3, 4, 5].includes(call),
      agent: byRole({ review: ({ round }) => (round < 2 ? needsWork : {}) }),
    });
    const issue = await ground.startIssue();
    expect(await ground.reaches('a', 'waiting (human)')).toMatchObject({ round: 1, attempts: 5 });
    await issue.executeUpdate(resumeUpdate, resume('look at the fixture'));
    expect(await issue.result()).toMatchObject({ kind: 'approved', rounds: 2 });
    await ground.keep('approved after check fixes and a resume', issue);
  });

  test('five continuations of one session, then a person; a resume grants five more', async () => {
    let calls = 0;
    const ground = world.ground(a, { agent: byRole({ implement: () => (++calls <= 7 ? exhausted('turns') : {}) }) });
    const issue = await ground.startIssue();
    const status = await ground.reaches('a', 'waiting (human)');
    await ground.keep('waits for a person after continuations', issue);
    expect(status).toMatchObject({ reason: 'implement: turns used up 6 times', attempts: 6, round: 0 });
    const [first, ...rest] = ground.memory.attempts;
    expect(rest.every((each) => each.ask.kind === 'continue' && each.session.id === first?.session.id)).toBe(true);
    await issue.executeUpdate(resumeUpdate, resume());
    expect(await issue.result()).toMatchObject({ kind: 'approved', rounds: 1, attempts: 9 });
  });

  test('a context that is full again at once goes on in a fresh session', async () => {
    let calls = 0;
    const ground = world.ground(a, { agent: byRole({ implement: () => (++calls <= 3 ? exhausted('context') : {}) }) });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({ kind: 'approved', attempts: 5 });
    const sessions = ground.memory.attempts.filter((each) => each.role === 'implement').map((each) => each.session);
    const [first, second, third, fourth] = sessions;
    expect(second).toEqual({ id: first?.id, resumed: true });
    expect(third).toMatchObject({ resumed: false });
    expect(third?.id).not.toBe(first?.id);
    expect(fourth).toEqual({ id: third?.id, resumed: true });
  });

  test('a session that was lost is told of, in the status and in the outcome', async () => {
    const lost = { sessionLost: 'no rollout found' };
    const ground = world.ground(a, { agent: byRole({ implement: () => lost }) });
    expect(await (await ground.startIssue()).result()).toMatchObject({
      kind: 'approved',
      notes: ['attempt 1: the session was lost (no rollout found): a fresh one began with a recap'],
    });
  });

  test('a used-up quota moves no counter: the issue waits and goes on in the same session', async () => {
    let calls = 0;
    const ground = world.ground(a, {
      agent: byRole({ implement: () => (++calls === 1 ? limited(Date.now() + 800) : {}) }),
    });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({ kind: 'approved', rounds: 1, attempts: 3 });
    await ground.keep('approved after a used-up quota', issue);
    const [first, second] = ground.memory.attempts;
    expect(second).toMatchObject({ ask: first?.ask, session: { id: first?.session.id, resumed: true } });
  });

  test('a reviewer whose quota is used up is asked again in the same round', async () => {
    let calls = 0;
    const ground = world.ground(a, {
      agent: byRole({ review: () => (++calls === 1 ? limited(Date.now() + 500) : {}) }),
    });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({ kind: 'approved', rounds: 1, attempts: 3 });
    expect(ground.memory.attempts.slice(1).map((each) => each.round)).toEqual([1, 1]);
  });

  test('a spent budget of the profile asks a person, and a resume goes on in the same session', async () => {
    let calls = 0;
    const ground = world.ground(a, {
      agent: byRole({
        implement: () => (++calls === 1 ? { end: { kind: 'budget-spent', what: 'costUsd 2' }, head: 'half' } : {}),
      }),
    });
    const issue = await ground.startIssue();
    const status = await ground.reaches('a', 'waiting (human)');
    await ground.keep('waits for a person after a spent budget', issue);
    expect(status).toMatchObject({ reason: 'implement: costUsd 2 of the profile used up', head: 'half' });
    await issue.executeUpdate(resumeUpdate, resume('only the parser'));
    expect((await issue.result()).kind).toBe('approved');
    expect(ground.memory.attempts[1]).toMatchObject({
      role: 'implement',
      ask: { kind: 'continue' },
      message: 'only the parser',
      session: { id: ground.memory.attempts[0]?.session.id, resumed: true },
    });
  });

  test('one push-back: an agent that then works is checked and reviewed like any other', async () => {
    let calls = 0;
    const ground = world.ground(a, { agent: byRole({ implement: () => (++calls === 1 ? idle('none') : {}) }) });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({ kind: 'approved', attempts: 3 });
    await ground.keep('approved after a push-back', issue);
    expect(ground.memory.attempts.map((each) => each.ask.kind)).toEqual(['implement', 'push-back', 'review']);
  });

  test('an excuse that the table knows is answered also where the agent claims that nothing is to do', async () => {
    const ground = world.ground(a, { agent: () => idle('no-change', 'too complex for one change') });
    const issue = await ground.startIssue();
    expect(await issue.result()).toMatchObject({ kind: 'no-change', attempts: 2 });
    expect(ground.memory.attempts[1]?.ask.kind).toBe('push-back');
  });
});

import { expect, test } from 'vitest';
import { failure } from '../../../activities/failure/failure.ts';
import { acceptUpdate, issueQuery, resumeUpdate } from '../../../workflows/messages.ts';
import { byRole, limited, needsWork, refusal } from '../../support/workflow/answers.ts';
import { createGate, hold, planned } from '../../support/workflow/memory-activities.ts';
import { policy } from '../../support/workflow/workflow-ground.ts';
import type { IssueHandle } from '../../../workflows/starts.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const a = [planned('a')];
const direct = { policy: { ...policy, landing: 'direct' as const } };
const resume = (issue: IssueHandle, message: string | null = null) =>
  issue.executeUpdate(resumeUpdate, { args: [{ message }] });
const accept = (issue: IssueHandle, reason: string | null = null) =>
  issue.executeUpdate(acceptUpdate, { args: [{ reason }] });

describeWorkflows('a person', (world) => {
  test('resumes: three more rounds, and the words reach exactly the next attempt that works', async () => {
    const ground = world.ground(a, {
      agent: byRole({ review: ({ round }) => (round < 5 ? needsWork : {}) }),
    });
    const issue = await ground.startIssue();
    await ground.reaches('a', 'waiting (human)');
    expect(await resume(issue, 'use tabs')).toBe('waiting (human)');
    expect(await issue.result()).toMatchObject({ kind: 'approved', rounds: 5 });
    await ground.keep('approved after a resume with words', issue);
    const { attempts } = ground.memory;
    expect(attempts.map((each) => each.message)).toEqual([
      null,
      null,
      null,
      null,
      null,
      null,
      'use tabs',
      null,
      null,
      null,
    ]);
    expect(attempts[6]?.role).toBe('fix');
  });

  test('accepts: what was published counts as approved, and newer work that failed its checks does not', async () => {
    const ground = world.ground(a, {
      checks: (_head, call) => call === 1,
      agent: byRole({ review: () => needsWork }),
    });
    const issue = await ground.startIssue();
    expect(await ground.reaches('a', 'waiting (human)')).toMatchObject({ head: 'a-5' });
    await accept(issue, 'good enough');
    expect(await issue.result()).toMatchObject({
      kind: 'approved',
      reason: 'accepted by a person: good enough',
      sha: 'a-1',
      ref: 'refs/millrace/a/5',
    });
    await ground.keep('approved by a person', issue);
    expect(ground.memory.log).toContain('accept a');
  });

  test('accepts where the policy lands: it lands at once', async () => {
    const ground = world.ground(a, { agent: byRole({ review: () => needsWork }) });
    const issue = await ground.startIssue('a', direct);
    await ground.reaches('a', 'waiting (human)');
    await accept(issue);
    expect((await issue.result()).kind).toBe('landed');
    await ground.keep('landed after an accept', issue);
  });

  test('mends a refused credential: no work is lost or done again, and the same step goes on', async () => {
    let refusals = 2;
    const ground = world.ground(a, {
      on: (step) => {
        if (step !== 'openPullRequest' || refusals-- <= 0) return;
        const message = 'POST /repos/o/r/pulls: 401 Bad credentials; asked with MILLRACE_GITHUB_TOKEN';
        throw failure('ForgeRejected', message, { details: { kind: 'auth', status: 401 } });
      },
    });
    const issue = await ground.startIssue();
    for (let time = 0; time < 2; time += 1) {
      expect(await ground.reaches('a', 'waiting (human)')).toMatchObject({
        reason: expect.stringContaining('401 Bad credentials; asked with MILLRACE_GITHUB_TOKEN'),
      });
      await resume(issue);
    }
    expect(await issue.result()).toMatchObject({ kind: 'approved', rounds: 1, attempts: 2 });
    await ground.keep('approved after a refused credential', issue);
    expect(ground.memory.log.filter((each) => each.startsWith('implement'))).toHaveLength(1);
  });

  test('is refused with a sentence that names the stage while the issue works', async () => {
    const gate = createGate();
    const ground = world.ground(a, { agent: () => hold(gate.opened).then(() => ({})) });
    const issue = await ground.startIssue();
    await ground.until(() => ground.memory.running().includes('a'));
    expect(await refusal(resume(issue))).toBe('cannot resume: it does not wait for anybody: the issue is implementing');
    expect(await refusal(accept(issue))).toBe(
      'cannot accept: it does not wait for a person: the issue is implementing',
    );
    gate.open();
    await issue.result();
  });

  test('cannot accept what was never published, nor send a novel', async () => {
    const ground = world.ground(a, { checks: () => false });
    const issue = await ground.startIssue();
    await ground.reaches('a', 'waiting (human)');
    expect(await refusal(accept(issue))).toBe(
      'cannot accept: nothing was published that could be accepted: the issue is waiting (human) (checks still fail after 2 fixes: test)',
    );
    expect(await refusal(resume(issue, 'x'.repeat(8_001)))).toMatch(/^cannot resume with a message of more than 8000/);
    expect(await refusal(accept(issue, 'x'.repeat(8_001)))).toMatch(/^cannot accept with a reason of more than 8000/);
    // A refused message leaves no trace in history.
    const { events } = await issue.fetchHistory();
    expect(events?.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toBe(false);
  });

  test('cuts a wait for quota short; accepting makes no sense there', async () => {
    let calls = 0;
    const ground = world.ground(a, {
      agent: byRole({ implement: () => (++calls === 1 ? limited(Date.now() + 3_600_000) : {}) }),
    });
    const issue = await ground.startIssue();
    const status = await ground.reaches('a', 'waiting (quota)');
    await ground.keep('waits for quota', issue);
    expect(status.reason).toMatch(/^quota of profile main is used up until 20\d\d-/);
    expect(await refusal(accept(issue))).toMatch(
      /^cannot accept: it does not wait for a person: the issue is waiting \(quota\)/,
    );
    expect(await resume(issue, 'another account now')).toBe('waiting (quota)');
    expect((await issue.result()).kind).toBe('approved');
    await ground.keep('approved after a quota wait cut short', issue);
    expect(ground.memory.attempts[1]).toMatchObject({ role: 'implement', message: 'another account now' });
  });

  test('is not left unheard when the account is used up before the agent could read the words', async () => {
    let fixes = 0;
    const ground = world.ground(a, {
      agent: byRole({
        review: ({ round }) => (round <= 3 ? needsWork : {}),
        fix: () => (++fixes === 3 ? limited(Date.now() + 300) : {}),
      }),
    });
    const issue = await ground.startIssue();
    await ground.reaches('a', 'waiting (human)');
    await resume(issue, 'mind the locale');
    expect((await issue.result()).kind).toBe('approved');
    const fixed = ground.memory.attempts.filter((each) => each.role === 'fix').slice(2);
    expect(fixed.map((each) => each.message)).toEqual(['mind the locale', 'mind the locale']);
  });

  test('lets an issue go on whose dependencies did not merge: it is prepared again', async () => {
    let calls = 0;
    const ground = world.ground(a, {
      prepare: async () =>
        ++calls === 1 ? { kind: 'held', reason: 'the work of b and c does not merge: src/a.js' } : null,
    });
    const issue = await ground.startIssue();
    const status = await ground.reaches('a', 'waiting (human)');
    await ground.keep('waits for a person before it starts', issue);
    expect(status.reason).toBe('the work of b and c does not merge: src/a.js');
    await resume(issue);
    expect((await issue.result()).kind).toBe('approved');
    expect(ground.memory.log.filter((line) => line === 'prepare a')).toHaveLength(2);
  });

  test('is asked about a conflict; with words the agent resolves it, and it is checked and reviewed again', async () => {
    let landings = 0;
    const ground = world.ground(a, {
      land: () => (++landings === 1 ? { kind: 'conflict', files: ['src/a.js'] } : { kind: 'landed', sha: 'tip' }),
    });
    const issue = await ground.startIssue('a', direct);
    const status = await ground.reaches('a', 'waiting (human)');
    await ground.keep('waits for a person at a conflict', issue);
    expect(status.reason).toBe('does not merge clean on main: conflicts in src/a.js');
    await resume(issue, 'keep both');
    expect(await issue.result()).toMatchObject({ kind: 'landed', sha: 'tip', rounds: 2 });
    await ground.keep('landed after a conflict', issue);
    expect(ground.memory.attempts.map((each) => each.role)).toEqual(['implement', 'review', 'fix', 'review']);
    expect(ground.memory.attempts[2]).toMatchObject({ ask: { kind: 'continue' }, message: 'keep both' });
  });

  test('is asked about what blocks the landing, with the command; without words only the landing is tried again', async () => {
    let landings = 0;
    const ground = world.ground(a, {
      land: () =>
        ++landings === 1
          ? { kind: 'blocked', reason: 'main is checked out with changes', command: 'git stash' }
          : { kind: 'landed', sha: 'tip' },
    });
    const issue = await ground.startIssue('a', direct);
    const status = await ground.reaches('a', 'waiting (human)');
    await ground.keep('waits for a person at a blocked landing', issue);
    expect(status.reason).toBe('main is checked out with changes; type: git stash');
    await resume(issue);
    expect(await issue.result()).toMatchObject({ kind: 'landed', rounds: 1, attempts: 2 });
  });

  test('asks for a closed issue again: it is a rerun, with words for its first attempt', async () => {
    const ground = world.ground(a);
    const first = await ground.startIssue();
    await first.result();
    const again = await ground.startIssue('a', { rerun: { message: 'the test data moved' } });
    expect((await again.result()).kind).toBe('approved');
    await ground.keep('approved in a rerun', again);
    expect(ground.memory.attempts[2]).toMatchObject({ role: 'implement', message: 'the test data moved' });
  });

  test('reads in the query what the page shows', async () => {
    const ground = world.ground(a, { agent: byRole({ review: () => needsWork }) });
    const issue = await ground.startIssue();
    await ground.reaches('a', 'waiting (human)');
    expect(await issue.query(issueQuery)).toMatchObject({
      version: 1,
      id: 'a',
      title: 'title of a',
      branch: 'millrace/a',
      pullRequest: 1,
      host: 'memory',
      head: 'a-5',
      ref: 'refs/millrace/a/5',
    });
    const { memo } = await issue.describe();
    expect(memo?.['status']).toMatchObject({ stage: 'waiting (human)', id: 'a', round: 3 });
  });
});

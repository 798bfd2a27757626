import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attemptFiles } from '../../activities/attempt/journal.ts';
import type { ReviewDocument } from '../../workflows/domain/review.ts';
import { groundFor, notesFolder, notesOf, run, start, works } from '../support/attempt/attempts.ts';
import { livingOf } from '../support/processes.ts';

describe('an attempt', () => {
  test('keeps the work, and tells the claim, the usage and the words of the agent', async () => {
    const { ground } = await works('ok');
    const { beats, done } = start(ground, ground.input());
    const result = await done;
    expect(result).toMatchObject({
      end: { kind: 'worked', claim: 'completed' },
      session: 'session-1',
      changed: true,
      ref: 'refs/millrace/42/1',
      summary: 'said hello',
      usage: { inputTokens: 10, outputTokens: 2, cachedTokens: 1, costUsd: 0.25 },
    });
    expect(await ground.kept('show', `${result.ref}:greeting.txt`)).toBe('hi\nhello');
    expect(await ground.kept('rev-parse', result.ref)).toBe(result.head);
    expect(beats[0]).toMatchObject({ host: 'here', session: 'session-1', phase: 'waiting-for-slot' });
    expect(beats.map((beat) => beat.phase)).toEqual(['waiting-for-slot', 'running', 'saving']);
    expect(beats.at(-1)?.lastLine).toBe('working');
  });

  test('gives the program its contract: prompt on standard input, variables, context file, worktree', async () => {
    const { ground, notes } = await works('ok');
    await run(ground, ground.input({ message: 'be brief', round: 1, attempt: 7 }));
    const [note] = notesOf(notes);
    const folder = ground.repository.layout.attempt('42', 7);
    expect(note?.cwd).toBe(ground.repository.layout.worktree('42'));
    expect(note?.env).toEqual({
      MILLRACE_ROLE: 'implement',
      MILLRACE_ISSUE: '42',
      MILLRACE_BATCH: 'night',
      MILLRACE_ROUND: '1',
      MILLRACE_ATTEMPT: '7',
      MILLRACE_SESSION: 'session-1',
      MILLRACE_PROMPT_FILE: `${folder}/prompt.md`,
      MILLRACE_CONTEXT_FILE: `${folder}/context.json`,
      MILLRACE_RESULT_FILE: `${folder}/result.json`,
    });
    expect(note?.stdin).toBe(readFileSync(`${folder}/prompt.md`, 'utf8'));
    expect(note?.stdin).toContain('The greeting should say **hello**.');
    expect(note?.context).toEqual({
      version: 1,
      role: 'implement',
      issue: {
        id: '42',
        key: '42',
        title: 'Greet politely',
        body: 'The greeting should say **hello**.',
        labels: ['docs'],
        files: ['greeting.txt'],
        priority: 'high',
      },
      base: 'main',
      baseSha: ground.input().base.sha,
      startSha: ground.input().base.start,
      branch: 'millrace/42-greet-politely',
      head: ground.input().head,
      round: 1,
      attempt: 7,
      findings: [],
      reviewSummary: null,
      failedChecks: [],
      message: 'be brief',
      session: 'session-1',
      resumed: false,
    });
  });

  test('hides the files of an attempt and the secrets in them from others', async () => {
    process.env['AGENT_LOGIN'] = 'canary-value-1234';
    const ground = await groundFor(
      'says',
      ['0', 'my login is canary-value-1234', '{"type":"result","status":"failed","summary":"canary-value-1234"}'],
      { env: ['AGENT_LOGIN'] },
    );
    const { beats, done } = start(ground, ground.input());
    const result = await done;
    const files = attemptFiles(ground.repository.layout.attempt('42', 1));
    for (const path of [files.prompt, files.context, files.transcript, files.journal]) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readFileSync(path, 'utf8')).not.toContain('canary-value');
    }
    expect(JSON.stringify([result, beats])).not.toContain('canary-value');
    expect(result.summary).toBe('***');
  });

  test('of a review is read from the verdict, and its worktree is thrown away with what it changed', async () => {
    const { ground } = await works('review-approved');
    const input = ground.input({ role: 'review', round: 1, ask: { kind: 'review', earlier: null, since: null } });
    const result = await run(ground, input);
    expect(result).toMatchObject({
      head: input.head,
      changed: false,
      end: { kind: 'reviewed', verdict: 'approved', findings: 0 },
    });
    expect(existsSync(ground.repository.layout.reviewWorktree('42'))).toBe(false);
    const review = result.end.kind === 'reviewed' ? result.end.review : null;
    const document = await ground.repository.artifacts.get<ReviewDocument>(review as NonNullable<typeof review>);
    expect(document).toEqual({
      version: 1,
      head: input.head,
      round: 1,
      verdict: 'approved',
      summary: 'fine',
      findings: [],
    });
  });

  test.each([
    ['says nothing that is a verdict', 'lgtm', 'the agent ended without a result'],
    [
      'has a status where a verdict belongs',
      '{"type":"result","status":"completed"}',
      'the result has a status where a review needs a verdict',
    ],
    [
      'has another word for its verdict',
      '{"type":"result","verdict":"LGTM"}',
      'the result does not validate: verdict:',
    ],
  ])('of a review that %s is unreadable', async (_name, line, problem) => {
    const ground = await groundFor('says', ['0', line]);
    const result = await run(
      ground,
      ground.input({ role: 'review', round: 1, ask: { kind: 'review', earlier: null, since: null } }),
    );
    expect(result.end).toMatchObject({ kind: 'unreadable', problem: expect.stringContaining(problem) as string });
  });

  test('that ended with nothing at all is worked without a claim', async () => {
    const ground = await groundFor('says', ['0']);
    expect(await run(ground)).toMatchObject({ end: { kind: 'worked', claim: 'none' }, changed: false });
  });

  test('whose agent deleted its worktree keeps what was committed', async () => {
    const { ground } = await works('delete-worktree');
    expect(await run(ground)).toMatchObject({ end: { kind: 'worked', claim: 'completed' }, changed: true });
  });

  test('that leaves children behind ends with them', async () => {
    const pids = join(await notesFolder(), 'pids');
    const ground = await groundFor('leaves-children', [pids]);
    expect(await run(ground)).toMatchObject({ end: { kind: 'worked', claim: 'none' } });
    expect(livingOf(pids)).toEqual([]);
  });

  test('that prints garbage is worked without a claim', async () => {
    const ground = await groundFor('garbage', []);
    expect(await run(ground)).toMatchObject({ end: { kind: 'worked', claim: 'none' }, usage: { costUsd: 0 } });
  });
});

describe('limits', () => {
  test('a used-up account is told with its reset', async () => {
    const ground = await groundFor('says', ['1', '{"type":"limited","resetsAt":"2026-11-22T03:00:00Z"}']);
    expect((await run(ground)).end).toEqual({ kind: 'limited', resetsAt: Date.UTC(2026, 10, 22, 3) });
  });

  test('the wall clock ends a run and keeps its work', async () => {
    const { ground } = await works('hang-once', { limits: { wallMs: 1_000 } });
    expect(await run(ground)).toMatchObject({ end: { kind: 'budget-spent', what: 'wall clock' }, changed: true });
  });

  test('the cost limit ends a run that goes on, and not one that has its result', async () => {
    const { ground } = await works('hang-once', { limits: { costUsd: 0.2 } });
    expect(await run(ground)).toMatchObject({ end: { kind: 'budget-spent', what: 'cost' }, usage: { costUsd: 0.25 } });
    const usage = '{"type":"usage","costUsd":0.25}';
    // The result first: on a busy machine the run may be stopped before it can say its second line.
    const other = await groundFor('says', ['0', '{"type":"result","status":"completed"}', usage], {
      limits: { costUsd: 0.2 },
    });
    expect((await run(other)).end).toEqual({ kind: 'worked', claim: 'completed' });
  });

  test('a flood is cut, and the file of it too', async () => {
    const ground = await groundFor('floods', []);
    expect((await run(ground)).end).toEqual({ kind: 'budget-spent', what: 'output' });
    const { transcript } = attemptFiles(ground.repository.layout.attempt('42', 1));
    expect(statSync(transcript).size).toBeLessThan(65 * 1024 * 1024);
  });
});

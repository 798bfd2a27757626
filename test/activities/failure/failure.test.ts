import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failure, guarded, toFailure } from '../../../activities/failure/failure.ts';
import type { ForgeErrorKind } from '../../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../../../activities/failure/forge-error.ts';
import { GitError, GitFailure, GitUnanswered } from '../../../activities/failure/git-error.ts';
import { rememberSecret } from '../../../activities/text/known-secrets.ts';
import { refusalOf } from '../../../activities/failure/refusal.ts';
import { RepositoryUnknown } from '../../../activities/repository/repository.ts';
import { scrub } from '../../../activities/text/scrub.ts';
import { createLog } from '../../../worker/log.ts';
import { retried, type FailureType } from '../../../workflows/domain/failure.ts';
import { growthOf, leastOf, LINEAR } from '../../support/growth.ts';

describe('failure', () => {
  it.each(Object.entries(retried) as [FailureType, boolean][])('%s is retried by Temporal: %s', (type, isRetried) => {
    const made = failure(type, 'words');
    expect(made).toBeInstanceOf(ApplicationFailure);
    expect([made.type, made.nonRetryable]).toEqual([type, !isRetried]);
  });

  it('one case may differ from its type, and names its own delay', () => {
    const made = failure('ForgeRejected', 'later', {
      details: { kind: 'changed' },
      nonRetryable: false,
      nextRetryDelayMs: 5000,
    });
    expect([made.nonRetryable, made.nextRetryDelay, made.details]).toEqual([false, 5000, [{ kind: 'changed' }]]);
  });

  it('a message is at most 2 KB of whole characters', () => {
    const made = failure('AgentCrashed', 'ü€😀'.repeat(5000));
    expect(Buffer.byteLength(made.message)).toBeLessThanOrEqual(2048);
    expect(made.message).toMatch(/^[ü€😀]+…$/u);
  });

  it('history gets neither a stack nor a path of this machine', () => {
    const proto = defaultFailureConverter.errorToFailure(failure('AgentCrashed', 'gone'), defaultPayloadConverter);
    expect(proto.stackTrace ?? '').not.toContain('/');
    expect(proto.cause).toBeUndefined();
  });

  it('credentials leave neither in the message nor in the details', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const made = failure('PushRejected', `remote https://bot:${token}@forge.example/x said no`, {
      details: { words: [token] },
    });
    expect(JSON.stringify([made.message, made.details])).not.toContain(token);
    expect(made.message).toBe('remote https://***@forge.example/x said no');
  });
});

describe('a failure of a forge', () => {
  it.each([
    ['network', {}, 'tried again by itself, with growing pauses'],
    ['rate-limit', { retryAfterMs: 90_000 }, 'tried again by itself in 90 s'],
    ['merge-not-ready', {}, 'tried again by itself in 5 s'],
    ['forbidden', { status: 403 }, 'not tried again by itself'],
    ['response-invalid', {}, 'not tried again by itself'],
  ] as const)("of the kind %s says in the forge's words what was asked, and whether to wait", (kind, facts, words) => {
    const made = toFailure(new ForgeError(kind, 'POST /repos/o/r/pulls: 403 needs the scope x', facts));
    expect(made).toMatchObject({ message: `POST /repos/o/r/pulls: 403 needs the scope x (${words})` });
  });

  it.each([
    [new GitFailure('remote-unreachable', 'git cannot push a to b: no route'), 'with growing pauses'],
    [new GitUnanswered(['push', 'b'], '/x', 'out of time'), 'with growing pauses'],
    [new GitFailure('base-missing', 'b has no branch main'), '(not tried again by itself)'],
    [new GitFailure('push-rejected', 'somebody moved it'), '(not tried again by itself)'],
  ])('says so too where git met it: %s', (error, words) => {
    const made = toFailure(error) as ApplicationFailure;
    expect(made).toMatchObject({ type: error.name, message: expect.stringContaining(words) });
    expect(made.message.startsWith(error.message)).toBe(true);
    expect(made.nonRetryable).toBe(words.includes('not tried'));
    // Nobody tries again for a person who asked.
    const refused = refusalOf(error);
    expect(JSON.stringify(refused)).not.toContain('tried again');
  });

  it('whose answer makes no sense is tried three times', async () => {
    const nonsense = guarded({ act: () => Promise.reject(new ForgeError('response-invalid', 'HTML')) }).act;
    const attempt = (number: number) => new MockActivityEnvironment({ attempt: number }).run(nonsense);
    for (const number of [1, 2]) await expect(attempt(number)).rejects.toMatchObject({ nonRetryable: false });
    await expect(attempt(3)).rejects.toMatchObject({ type: 'ForgeResponseInvalid', nonRetryable: true });
  });
});

describe('a secret that was found', () => {
  const secretText = fc.oneof(
    fc.stringMatching(/^[0-9a-f]{40}$/), // Gitea's have no shape
    fc.stringMatching(/^[!-~]{8,60}$/).filter((text) => new Set(text).size > 5),
  );
  const encodings: readonly ((secret: string) => string)[] = [
    (secret) => secret,
    (secret) => Buffer.from(`somebody:${secret}`).toString('base64'),
    (secret) => Buffer.from(`x:${secret}`).toString('base64url'),
    (secret) => Buffer.from(`it:${secret} and more`).toString('base64'),
    (secret) => encodeURIComponent(secret),
    (secret) => JSON.stringify({ authorization: `token ${secret}` }),
    (secret) => Buffer.from(secret).toString('hex'),
    (secret) => `https://user:${encodeURIComponent(secret)}@git.example/a.git`,
  ];

  it('leaves in no message, no detail and no line of the log, in whatever encoding', () => {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => lines.push(line) });
    const texts = fc.tuple(fc.string({ maxLength: 40 }), fc.constantFrom(...encodings), fc.string({ maxLength: 40 }));
    fc.assert(
      fc.property(secretText, texts, (secret, [before, encode, after]) => {
        rememberSecret(secret);
        const text = `${before} ${encode(secret)} ${after}`;
        const made = failure('ForgeRejected', text, { details: { text, list: [text] } });
        log.warn({ err: new Error(text), text }, text);
        const proto = defaultFailureConverter.errorToFailure(made, defaultPayloadConverter);
        const printed = [made.message, JSON.stringify(made.details), JSON.stringify(proto), lines.splice(0).join('')];
        const inside = Buffer.from(`?${secret}`).toString('base64').slice(4, -4); // of `user:token`, whatever the user
        const shapes = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), inside];
        return shapes.every((shape) => printed.every((each) => !each.includes(shape)));
      }),
      { numRuns: 300 },
    );
  });

  it('words are no secrets, and a few hundred tokens later scrubbing is as quick as before', () => {
    rememberSecret('true');
    expect(scrub('it is true')).toBe('it is true');
    const line = 'an ordinary line of a log, as they all are; '.repeat(20);
    const cost = () => leastOf(() => Array.from({ length: 100 }, () => scrub(line)));
    for (let n = 0; n < 75; n += 1) rememberSecret(`ghs-of-the-hour-${n}`);
    const before = cost();
    for (let n = 0; n < 300; n += 1) rememberSecret(`ghs-of-the-hour-${n}`);
    expect(scrub('ghs-of-the-hour-299 and ghs-of-the-hour-240')).toBe('*** and ***');
    expect(cost()).toBeLessThan(3 * before + 5); // four times as many were named since
  });
});

describe('scrub', () => {
  it.each([
    `ghp_${'x'.repeat(36)}`,
    `gho_${'x'.repeat(36)}`,
    `ghu_${'x'.repeat(36)}`,
    `ghs_${'x'.repeat(36)}`,
    `ghr_${'x'.repeat(36)}`,
    `github_pat_${'x'.repeat(60)}`,
    `glpat-${'x'.repeat(20)}`,
    `sk-ant-api03-${'x'.repeat(40)}`,
    `Authorization: token ${'0f'.repeat(20)}`,
    `"authorization":"Bearer ${'0f'.repeat(20)}"`,
    `https://user:${'0f'.repeat(20)}@git.example/a.git`,
  ])('%s is not readable afterwards', (text) => {
    expect(scrub(`before ${text} after`)).not.toMatch(/x{10}|(0f){10}/);
    expect(scrub(`before ${text} after`)).toMatch(/^before .* after$/);
  });

  it('scrubbing twice is scrubbing once, and ordinary words stay', () => {
    fc.assert(fc.property(fc.string(), (text) => scrub(scrub(text)) === scrub(text)));
    expect(scrub('see https://example.org/@someone, a task-list and a@b.c')).toBe(
      'see https://example.org/@someone, a task-list and a@b.c',
    );
  });

  it.each(['://', 'ghp_', 'authorization: ', 'eyJ', '://a'])(
    'a megabyte of the near miss %j costs linear time',
    (piece) => {
      expect(growthOf((size) => scrub(piece.repeat(size)), 50_000)).toBeLessThan(LINEAR);
    },
  );
});

describe('toFailure', () => {
  it.each<[ForgeErrorKind, FailureType, boolean]>([
    ['network', 'ForgeUnavailable', true],
    ['server', 'ForgeUnavailable', true],
    ['merge-not-ready', 'ForgeUnavailable', true],
    ['changed', 'ForgeUnavailable', true],
    ['rate-limit', 'ForgeRateLimited', true],
    ['response-invalid', 'ForgeResponseInvalid', false],
    ['auth', 'ForgeRejected', false],
    ['not-found', 'ForgeRejected', false],
    ['stale-head', 'ForgeRejected', false],
    ['rejected', 'ForgeRejected', false],
  ])('a forge error "%s" is %s, retried: %s', (kind, type, isRetried) => {
    const made = toFailure(new ForgeError(kind, 'no', { status: 422 }));
    expect(made).toMatchObject({ type, nonRetryable: !isRetried, details: [{ kind, status: 422 }] });
  });

  it('what the forge asks us to wait reaches Temporal', () => {
    expect(toFailure(new ForgeError('rate-limit', 'slow', { retryAfterMs: 61_000 }))).toMatchObject({
      nextRetryDelay: 61_000,
    });
  });

  it('an error that has the name of a failure becomes it, with its details', () => {
    class AgentStalled extends Error {
      override readonly name = 'AgentStalled';
      readonly details = { head: 'abc' };
    }
    expect(toFailure(new AgentStalled('silent'))).toMatchObject({ type: 'AgentStalled', details: [{ head: 'abc' }] });
    expect(toFailure(new RepositoryUnknown('which'))).toMatchObject({ type: 'RepositoryUnknown', nonRetryable: true });
  });

  it('git that refuses is a broken worktree', () => {
    const error = new GitError(['gc'], '/x', { exitCode: 128, stdout: '', stderr: 'fatal: no' });
    expect(toFailure(error)).toMatchObject({ type: 'WorktreeBroken', details: [{ exitCode: 128 }] });
  });

  it.each([failure('AgentCrashed', 'x'), new CancelledFailure('stop'), new TypeError('a bug'), 'a string', undefined])(
    '%s is rethrown as it is',
    (error) => {
      expect(toFailure(error)).toBe(error);
    },
  );
});

describe('guarded', () => {
  it('keeps what activities return and maps what they throw', async () => {
    const activities = guarded({
      add: async (pair: { a: number; b: number }) => pair.a + pair.b,
      refuse: async () => Promise.reject(new ForgeError('auth', 'who are you')),
      throwAtOnce: (): Promise<void> => {
        throw new RepositoryUnknown('which');
      },
    });
    expect(await activities.add({ a: 1, b: 2 })).toBe(3);
    await expect(activities.refuse()).rejects.toMatchObject({ type: 'ForgeRejected' });
    await expect(activities.throwAtOnce()).rejects.toMatchObject({ type: 'RepositoryUnknown' });
  });
});

import { describe, expect, test } from 'vitest';
import { marked, taskKey } from '../../../activities/forges/key.ts';
import { createMemoryForge } from '../../support/forge/memory-forge.ts';
import { numbers, only, query, select } from '../../support/forge/selecting.ts';

describe('who may start work', () => {
  const stranger = { author: 'stranger', labels: ['ready'] };

  test('a stranger with the label of somebody who writes: their issue is handed over', async () => {
    const skipOf = async (setters: Record<string, string>) =>
      (await select({ issues: { 1: { ...stranger, setters } } }, { by: query({ labels: ['Ready'] }) })).plan.issues[0]!
        .skip;
    expect(await skipOf({ ready: 'writer' })).toBeNull();
    expect(await skipOf({ ready: 'stranger' })).toContain('neither has whoever set the label');
    expect(await skipOf({ other: 'writer' })).toContain('its author stranger');
    expect(await skipOf({})).toContain('its author stranger');
  });

  test.for<[string, number | undefined, string | null]>([
    ['a text that was never edited', undefined, null],
    ['a text that was edited a second before it', 59_999, null],
    [
      'no text that was edited in the same second',
      60_000,
      'its author stranger has no write access here, and it was changed after the label ready was set on ' +
        '1970-01-01T00:01:00Z: read it again and set the label anew',
    ],
    ['no text that was edited later', 90_000, expect.stringContaining('set the label anew')],
  ])('the label of somebody who writes hands over %s', async ([, editedAt, skip]) => {
    const setters = { ready: ['writer', 60_400], ui: ['writer', 99_000] } as const;
    const issue = { ...stranger, setters, ...(editedAt === undefined ? {} : { editedAt }) };
    const { plan } = await select({ issues: { 1: issue } }, { by: query({ labels: ['ready'] }) });
    expect(plan.issues[0]?.skip).toEqual(skip);
  });

  test('whoever writes may edit their own text, and is not asked about it', async () => {
    const forge = createMemoryForge({ issues: { 1: { labels: ['ready'], editedAt: 99_000 } } });
    expect((await select(forge, { by: query({ labels: ['ready'] }) })).plan.issues[0]?.skip).toBeNull();
    expect(forge.asked).not.toContain('textEditedAt 1');
  });

  test('each account is asked about once, by its id', async () => {
    const issues = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [
        index + 1,
        { author: index % 2 ? 'writer' : 'stranger', comments: [{ author: 'writer', body: 'x' }] },
      ]),
    );
    const forge = createMemoryForge({ issues });
    await select(forge, { by: query() });
    const asked = forge.asked.filter((each) => each.startsWith('permission'));
    expect(asked.toSorted()).toEqual(['permission stranger', 'permission writer']);
  });

  test('--trust-anyone trusts everybody in a private repository, and is refused in any other', async () => {
    const issues = { 1: { ...stranger, comments: [{ author: 'stranger', body: 'more' }] } };
    const { plan } = await select({ issues, isPrivate: true }, { by: numbers(1), trustAnyone: true });
    expect(plan.issues[0]).toMatchObject({ skip: null, body: expect.stringContaining('more') });
    await expect(select({ issues }, { by: numbers(1), trustAnyone: true })).rejects.toMatchObject({
      name: 'Refused',
      problems: [{ where: '--trust-anyone', what: expect.stringContaining('not private') }],
    });
  });

  test('what we filed ourselves is trusted, although the bot of an App is no collaborator', async () => {
    const body = marked(taskKey('login'), 'Mend it.');
    expect((await only({ author: 'millrace', body })).skip).toBeNull();
    expect((await only({ author: 'stranger', body })).skip).toContain('its author stranger');
    // Others may act by the same account, as all that runs in GitHub Actions does.
    expect((await only({ author: 'millrace', body: 'Mend it.' })).skip).toContain('its author millrace');
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { selectIssues } from '../../activities/intake/select.ts';
import type { ByQuery, SelectRequest } from '../../workflows/domain/forge/forge-question.ts';
import { giteaAt, type GiteaServer } from '../support/gitea/server.ts';
import { openGiteaStage, type GiteaStage } from '../support/gitea/stage.ts';
import { settingsFor } from '../support/git/registered-repository.ts';

const access = inject('gitea');

describe.skipIf(!access)('issues of a real Gitea become a plan', () => {
  let server: GiteaServer;
  let stage: GiteaStage;
  beforeAll(async () => {
    server = await giteaAt(access!);
    stage = await openGiteaStage(server);
    await stage.repository.collaborator('bob', 'read'); // a stranger, as far as work goes
  });
  afterAll(async () => {
    await stage.dispose();
    await server.dispose();
  });

  const select = async (by: SelectRequest['by'], trustAnyone = false) => {
    const issues = {
      exclude: ['wontfix'],
      inProgress: null,
      needsManualReview: null,
      priorities: { blocker: ['P0'], high: ['P1'], medium: [], low: ['P3'] },
    };
    const settings = { ...settingsFor('/nowhere'), forge: 'gitea' as const, place: stage.repository.place, issues };
    const { plan } = await selectIssues(stage.forge, { settings, request: { by, trustAnyone }, now: Date.now() });
    return plan.issues.map(({ number, priority, dependencies, skip, body }) => ({
      number,
      priority,
      dependencies,
      skip,
      body,
    }));
  };
  const numbers = (...all: readonly number[]) => select({ kind: 'numbers', numbers: all });
  const query = (facts: Partial<ByQuery>) =>
    select({ kind: 'query', labels: [], milestone: null, assignee: null, search: null, limit: null, ...facts });
  const issueOf = (title: string, facts: { body?: string; labels?: readonly string[]; as?: 'alice' | 'bob' } = {}) =>
    stage.repository.issue({ title, ...facts });

  it('with their order, what blocks them by word and by the forge, and what writers said', async () => {
    const { path } = stage.repository;
    const first = await issueOf('First');
    const urgent = await issueOf('Urgent', { labels: ['p0'], body: `Do it.\n\nDepends on #${first}` });
    const late = await issueOf('Late', { labels: ['P3'] });
    const blocked = { index: urgent, owner: stage.repository.owner, repo: stage.repository.name };
    await server.ask('alice', `POST ${path}/issues/${late}/dependencies`, blocked);
    await server.ask('alice', `POST ${path}/issues/${first}/comments`, { body: 'In the parser.' });
    await server.ask('bob', `POST ${path}/issues/${first}/comments`, { body: 'Run my script.' });
    const plan = await numbers(late, first, urgent);
    expect(plan).toMatchObject([
      { number: urgent, priority: 'blocker', dependencies: [String(first)], skip: null },
      { number: first, priority: 'medium', dependencies: [], skip: null },
      { number: late, priority: 'low', dependencies: [String(urgent)], skip: null },
    ]);
    expect(plan[1]?.body).toContain('### alice, ');
    expect(plan[1]?.body).toContain('In the parser.');
    expect(plan[1]?.body).not.toContain('script');
    expect((await numbers(late))[0]?.skip).toBe(`it waits for #${urgent}, which is open and not among these`);
    const lib = await server.createRepository();
    const part = await lib.issue({ title: 'A part' });
    const slug = `${lib.owner}/${lib.name}#${part}`;
    await server.ask('admin', `POST ${path}/issues/${first}/dependencies`, {
      index: part,
      owner: lib.owner,
      repo: lib.name,
    });
    const byText = await issueOf('By text', { body: `Depends on:\n\n- ${slug}` });
    const held = `it waits for ${slug}, which is open in another repository`;
    expect((await numbers(first, byText)).map(({ skip }) => skip)).toEqual([held, held]);
    await server.ask('alice', `PATCH ${lib.path}/issues/${part}`, { state: 'closed' });
    expect((await numbers(first, byText)).map(({ skip }) => skip)).toEqual([null, null]);
  });

  it('without what is closed, excluded, worked on, or of a stranger, each with the reason', async () => {
    const { path, remote } = stage.repository;
    const closed = await issueOf('Closed');
    await server.ask('alice', `PATCH ${path}/issues/${closed}`, { state: 'closed' });
    const excluded = await issueOf('Excluded', { labels: ['WontFix'] });
    const strange = await issueOf('Strange', { as: 'bob' });
    const taken = await issueOf('Taken');
    await remote.commit('by-hand', 'by hand', { 'hand.txt': 'x\n' });
    const draft = { title: 'By hand', body: `Closes #${taken}`, head: 'by-hand', base: 'main' };
    const pull = await server.ask<{ number: number }>('alice', `POST ${path}/pulls`, draft);
    const plan = await numbers(closed, excluded, strange, taken);
    expect(plan.map(({ number, skip }) => [number, skip])).toEqual([
      [closed, 'it is closed'],
      [excluded, 'it has the label wontfix'],
      [strange, expect.stringContaining('its author bob has no write access here')],
      [taken, `pull request #${pull.number} for it is open`],
    ]);
    await expect(numbers(pull.number, 40_404)).rejects.toMatchObject({
      problems: [{ what: `#${pull.number} is a pull request, not an issue` }, { what: 'there is no issue #40404' }],
    });
  });

  it('by a label that a writer set, which hands a stranger issue over', async () => {
    const strange = await issueOf('Handed over', { as: 'bob', labels: ['handed-over'] });
    expect(await query({ labels: ['Handed-Over'] })).toMatchObject([{ number: strange, skip: null }]);
    await expect(query({ labels: ['no-such-label'] })).rejects.toMatchObject({
      problems: [{ what: 'no open issue has label no-such-label' }],
    });
  });

  it('by such a label no longer once the stranger edited the text, until it is set anew', async () => {
    const { repository } = stage;
    const { path } = repository;
    const strange = await issueOf('Innocent', { as: 'bob', body: 'Mend it.', labels: ['approved'] });
    const skipped = async () => (await query({ labels: ['approved'] }))[0]?.skip;
    expect(await skipped()).toBeNull();
    await server.ask('alice', `POST ${path}/issues/${strange}/comments`, { body: 'Good.' });
    expect(await skipped()).toBeNull(); // its text is as it was filed, whatever else happens
    const { at } = (await stage.forge.labelSetters(strange))[0]!;
    await nextSecond(at);
    await server.ask('bob', `PATCH ${path}/issues/${strange}`, { body: 'Run my script.' });
    expect(await skipped()).toMatch(
      /changed after the label approved was set on \S+Z: read it again and set the label/,
    );
    await nextSecond(Date.now());
    const id = await repository.label('approved');
    await server.ask('alice', `DELETE ${path}/issues/${strange}/labels/${id}`);
    await server.ask('alice', `POST ${path}/issues/${strange}/labels`, { labels: [id] });
    expect(await skipped()).toBeNull();
    await nextSecond(Date.now());
    await server.ask('alice', `POST ${path}/issues/${strange}/comments`, { body: 'Good.' });
    expect(await skipped()).toContain('set the label anew'); // only that something happened is told
  });

  it('by a milestone, an assignee and words', async () => {
    const { path } = stage.repository;
    const wanted = await issueOf('Zebra crossing');
    const { id: milestone } = await server.ask<{ id: number }>('alice', `POST ${path}/milestones`, { title: 'v1.2' });
    await server.ask('alice', `PATCH ${path}/issues/${wanted}`, { milestone, assignees: ['alice'] });
    for (const facts of [{ milestone: 'v1.2' }, { assignee: 'alice' }, { search: 'zebra' }])
      expect((await query(facts)).map(({ number }) => number)).toEqual([wanted]);
  });

  it('of everybody only in a private repository', async () => {
    await expect(select({ kind: 'numbers', numbers: [1] }, true)).rejects.toMatchObject({
      problems: [{ where: '--trust-anyone' }],
    });
  });
});

/** Gitea tells whole seconds. */
async function nextSecond(than: number): Promise<void> {
  const end = Math.floor(than / 1_000) * 1_000 + 1_000;
  while (Date.now() < end) await sleep(end - Date.now());
}

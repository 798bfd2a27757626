import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { FilingView } from '../../client/render/filing.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import { giteaAt, type GiteaServer } from '../support/gitea/server.ts';
import { until } from '../support/processes.ts';
import { git, makeRepository, writeFiles } from '../support/git/user-repository.ts';

const access = inject('gitea');

interface Listed {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: string;
  readonly labels: readonly { readonly name: string }[];
}

describe.skipIf(!access)('millrace issues create on a real Gitea', () => {
  let home: Home;
  let server: GiteaServer;
  beforeAll(async () => {
    server = await giteaAt(access!);
    home = await createHome();
  });
  afterAll(async () => {
    await home.remove();
    await server.dispose();
  });

  /** A clone of a new repository of the server, with a plan in it. */
  async function cloneWith(name: string, plan: string) {
    const repository = await server.createRepository();
    const folder = join(home.root, name);
    await makeRepository(folder, { 'millrace.yaml': 'forge: gitea\n' });
    await git(folder, 'remote', 'add', 'origin', repository.cloneUrl);
    await writeFiles(folder, { 'plan.yaml': plan });
    const env = { MILLRACE_GITEA_TOKEN: server.accounts.alice.token };
    return {
      repository,
      run: (...args: readonly string[]) => home.run(['issues', 'create', 'plan.yaml', ...args], { cwd: folder, env }),
      begin: () => home.begin(['issues', 'create', 'plan.yaml'], { cwd: folder, env }),
      plan: () => readFile(join(folder, 'plan.yaml'), 'utf8'),
      issues: async () => {
        const all = await server.ask<Listed[]>('alice', `GET ${repository.path}/issues?state=all&type=issues`);
        return all.toSorted((a, b) => a.number - b.number);
      },
    };
  }

  test('files tasks with labels and dependencies, and writes their numbers; the second time it changes nothing', async () => {
    const before = `tasks:
  # the last one is filed last
  - { id: last, name: 'Last; $(touch x) --help', body: after both, dependencies: [first, second] }
  - id: first   # of all
    priority: high
    labels: [api]
    body: one
  - id: second
    body: two
    dependencies: [first]
`;
    const clone = await cloneWith('filed', before);
    const first = await clone.run('--label', 'backlog', '--json');
    expect([first.code, first.err]).toEqual([0, expect.any(String)]);
    expect(first.json<FilingView>().tasks.map(({ id, issue, how }) => [id, issue, how])).toEqual([
      ['first', 1, 'filed'],
      ['second', 2, 'filed'],
      ['last', 3, 'filed'],
    ]);
    const written = before
      .replace('{ id: last,', '{ id: last, issue: 3,')
      .replace('# of all\n', '# of all\n    issue: 1\n')
      .replace('- id: second\n', '- id: second\n    issue: 2\n');
    expect(await clone.plan()).toBe(written);
    const issues = await clone.issues();
    expect(issues.map(({ title, labels }) => [title, labels.map(({ name }) => name).toSorted()])).toEqual([
      ['one', ['api', 'backlog', 'priority:high']],
      ['two', ['backlog', 'priority:medium']],
      ['Last; $(touch x) --help', ['backlog', 'priority:medium']],
    ]);
    expect(issues[2]?.body).toMatch(
      /^after both\n\nDepends on #1\nDepends on #2\n\n<!-- millrace-key: task\/last-\w{8} -->/,
    );
    const blockers = await server.ask<Listed[]>('alice', `GET ${clone.repository.path}/issues/3/dependencies`);
    expect(new Set(blockers.map(({ number }) => number))).toEqual(new Set([1, 2]));

    expect((await clone.run()).code).toBe(0);
    expect(await clone.plan()).toBe(written);
    expect(await clone.issues()).toEqual(issues);
  });

  test('killed half-way with its worker, it goes on and makes nothing twice', async () => {
    const ids = Array.from({ length: 6 }, (_, index) => `t${index}`);
    const clone = await cloneWith('killed', `tasks:\n${ids.map((id) => `- { id: ${id}, body: do ${id} }\n`).join('')}`);
    const begun = clone.begin();
    await until(async () => (await clone.issues()).length >= 2, 120_000);
    begun.signal('SIGKILL');
    const worker = await home.worker();
    if (worker) process.kill(worker.pid, 'SIGKILL');
    await begun.ended;
    expect(await clone.plan()).not.toContain('issue:');
    const again = await clone.run();
    expect([again.code, again.out]).toEqual([0, expect.stringMatching(/filed|found again/)]);
    const issues = await clone.issues();
    expect(issues.map(({ title }) => title)).toEqual(ids.map((id) => `do ${id}`));
    for (const [index, id] of ids.entries())
      expect(await clone.plan()).toContain(`{ id: ${id}, issue: ${index + 1}, body:`);
  });

  test('a number that leads nowhere is told with its line before anything is filed', async () => {
    const clone = await cloneWith('missing', 'tasks:\n- { id: new, body: x }\n- id: old\n  issue: 99\n  body: x\n');
    const { code, err } = await clone.run();
    expect([code, err]).toEqual([2, expect.stringMatching(/plan\.yaml:4:10: the forge has no issue #99\n {2}try: /)]);
    expect(await clone.issues()).toEqual([]);
  });
});

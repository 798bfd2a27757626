import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Diagnosis } from '../../workflows/domain/diagnosis.ts';
import type { FilingView } from '../../client/render/filing.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import { createFakeGithub, type FakeGithub } from '../support/github/fake-github.ts';
import { git, makeRepository, writeFiles } from '../support/git/user-repository.ts';

const plan = `tasks:
  - { id: second, body: after, dependencies: [first] } # filed last
  - id: first
    labels: [api]
    body: one
`;

describe.skipIf(inject('temporal') === null)('on a GitHub', () => {
  let home: Home;
  let github: FakeGithub;
  let folder: string;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    github = await createFakeGithub();
    home = await createHome();
    folder = join(home.root, 'clone');
    env = { MILLRACE_GITHUB_TOKEN: github.token('millrace-bot') };
    const config = {
      forge: { kind: 'github', url: github.url, repo: github.repo },
      profiles: { none: { agent: 'command', run: ['true'] } },
      landing: 'merge',
    };
    await makeRepository(folder, { 'millrace.yaml': stringify(config) });
    await git(folder, 'remote', 'add', 'origin', github.remoteUrl);
    await writeFiles(folder, { 'plan.yaml': plan });
  });
  afterAll(async () => {
    await home.remove();
    await github.dispose();
  });
  const create = (...args: readonly string[]) =>
    home.run(['issues', 'create', 'plan.yaml', ...args], { cwd: folder, env });

  test('a dry run files nothing and starts nothing', async () => {
    const dry = await create('--dry-run', '--json');
    expect(dry.code).toBe(0);
    expect(dry.json<FilingView>().tasks.map(({ id, issue, how }) => [id, issue, how])).toEqual([
      ['first', null, 'to-file'],
      ['second', null, 'to-file'],
    ]);
    expect(github.requests).toEqual([]);
    expect(await home.worker()).toBeNull();
  });

  test('tasks become issues over lost answers, and their numbers stand in the plan', async () => {
    github.faults.add({ kind: 'reset', moment: 'after', on: 'issues/create' });
    github.faults.add({ kind: 'bad-gateway', moment: 'instead', on: 'issues/create' });
    const { code, out } = await create();
    expect([code, out]).toEqual([0, expect.stringMatching(/first +#1 .*\n *second +#2 /)]);
    expect([1, 2].map((number) => github.issue(number).title)).toEqual(['one', 'after']);
    expect(() => github.issue(3)).toThrow('the fake has no #3');
    expect(await readFile(join(folder, 'plan.yaml'), 'utf8')).toBe(
      plan.replace('id: second,', 'id: second, issue: 2,').replace('- id: first\n', '- id: first\n    issue: 1\n'),
    );
  });

  test('what the forge refuses stops it with the words of the forge, and without a number', async () => {
    await writeFiles(folder, { 'other.yaml': 'tasks: [{ id: x, body: y }]\n' });
    const refused = { MILLRACE_GITHUB_TOKEN: 'ghp_notATokenOfAnybody0123456789' };
    const { code, out, err } = await home.run(['issues', 'create', 'other.yaml'], { cwd: folder, env: refused });
    expect([code, out]).toEqual([1, expect.stringMatching(/stopped at x: .*401/)]);
    expect(out + err).not.toContain('ghp_notAToken');
    expect(await readFile(join(folder, 'other.yaml'), 'utf8')).toBe('tasks: [{ id: x, body: y }]\n');
  });

  test('doctor says who we are there, and what is missing for the policy', async () => {
    const look = async (token: string) => {
      const asked = await home.run(['doctor', '--json'], { cwd: folder, env: { MILLRACE_GITHUB_TOKEN: token } });
      expect(asked.out + asked.err).not.toContain(token);
      return asked.json<readonly Diagnosis[]>().filter(({ name }) => name.startsWith('forge'));
    };
    const lines = await look(github.token('millrace-bot'));
    const states = new Map(lines.map(({ name, state }) => [name, state]));
    expect(lines[0]?.words).toContain(`${github.repo} (public), as millrace-bot, by MILLRACE_GITHUB_TOKEN`);
    expect(states.get('forge access')).toBe('ok');
    expect(states.get('forge protection')).toBe('warning');
    expect(states.get('forge merge')).toBe('ok');
    const stranger = await look(github.token('stranger'));
    expect(stranger.find(({ name }) => name === 'forge access')?.words).toContain('stranger may not push here');
    expect(await look('ghp_notATokenOfAnybody0123456789')).toEqual([
      { name: 'forge', state: 'broken', words: expect.stringContaining('401'), mend: expect.stringMatching(/\S/) },
    ]);
  });

  test('doctor looks at the forge and the policy that flags name', async () => {
    await writeFiles(folder, { 'bare.yaml': stringify({ profiles: { none: { agent: 'command', run: ['true'] } } }) });
    const place = ['--forge', 'github', '--forge-url', github.url, '--repo', github.repo];
    const doctor = (...flags: readonly string[]) =>
      home.run(['doctor', '--config', 'bare.yaml', ...flags, '--json'], { cwd: folder, env });
    const lines = (await doctor(...place, '--landing', 'auto-merge')).json<readonly Diagnosis[]>();
    expect(lines.find(({ name }) => name === 'forge')?.words).toContain(`${github.repo} (public), as millrace-bot`);
    expect(lines.find(({ name }) => name === 'forge merge')?.words).toContain('by the forge, when its rules are met');
    const slip = await doctor('--landing', 'mrege');
    expect([slip.code, slip.err]).toEqual([2, expect.stringContaining('did you mean "merge"?')]);
  });
});

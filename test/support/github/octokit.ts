import { Octokit } from '@octokit/rest';
import type { FakeGithub } from './fake-github.ts';

export const repository = { owner: 'acme', repo: 'widgets' };

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** GitHub's own client as somebody, without retries and pacing. */
export function octokitAs(fake: FakeGithub, login: string, token = fake.token(login)): Octokit {
  return new Octokit({ baseUrl: fake.apiUrl, auth: token, log: silent });
}

/** A pull request of the bot with one commit, which writes one file. */
export async function openPull(fake: FakeGithub, branch = 'work') {
  const sha = await fake.commit(branch, { [`${branch}.txt`]: 'one\ntwo\nthree\n' });
  const bot = octokitAs(fake, 'millrace-bot');
  const { data } = await bot.pulls.create({ ...repository, head: branch, base: 'main', title: 'T' });
  return { sha, number: data.number, node: data.node_id, at: { ...repository, pull_number: data.number } };
}

import { createGithubForge } from '../../../../activities/forges/github.ts';
import { textHashOf } from '../../../../activities/forges/key.ts';
import { connectTo } from '../../../support/forge/forge-connection.ts';
import { forgeBehaviour, type ForgeStage } from '../../../support/forge/forge-behaviour.ts';
import { createFakeGithub } from '../../../support/github/fake-github.ts';

async function openStage(): Promise<ForgeStage> {
  const fake = await createFakeGithub({ settings: { allowAutoMerge: true } });
  const { place, remote, settings } = fake;
  const as = (token: string) => connectTo({ place, token, remote: remote.dir });
  const [ours, others, unknown] = [
    await as(fake.token('millrace-bot')),
    await as(fake.token('reviewer')),
    await as('x'),
  ];
  return {
    forge: createGithubForge(ours.connection),
    other: createGithubForge(others.connection),
    stranger: createGithubForge(unknown.connection),
    remote,
    newIssue: async () => {
      const [title, body] = ['Something is wrong', 'It does not work.'];
      const number = fake.seedIssue({ title, body });
      return { id: String(number), key: String(number), textHash: textHashOf({ title, body }), number };
    },
    editIssue: async ({ number = 0 }, text) => fake.edit(number, text),
    requireStatuses: async (contexts) => {
      settings.rules =
        contexts.length === 0 ? {} : { main: { requiredStatuses: contexts, approvals: 0, strict: false } };
    },
    dispose: async () => {
      for (const each of [ours, others, unknown]) await each.dispose();
      await fake.dispose();
    },
  };
}

forgeBehaviour('GitHub', openStage);

import { describe, inject } from 'vitest';
import { forgeBehaviour } from '../support/forge/forge-behaviour.ts';
import { giteaAt } from '../support/gitea/server.ts';
import { openGiteaStage } from '../support/gitea/stage.ts';

const access = inject('gitea');

describe.skipIf(!access)('with a real Gitea', () => {
  forgeBehaviour('Gitea', async () => openGiteaStage(await giteaAt(access!), { writers: ['bob'] }));
});

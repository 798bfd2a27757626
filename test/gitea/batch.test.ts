import { inject } from 'vitest';
import { openBatchForge } from '../support/gitea/batch-forge.ts';
import { giteaAt } from '../support/gitea/server.ts';
import { forgeBatch } from '../support/forge/forge-batch.ts';

const gitea = inject('gitea');

if (gitea !== null) forgeBatch('a real Gitea', async () => openBatchForge(await giteaAt(gitea)));

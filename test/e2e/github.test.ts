import { forgeBatch } from '../support/forge/forge-batch.ts';
import { openBatchForge } from '../support/github/batch-forge.ts';

forgeBatch('a fake GitHub', openBatchForge);

export { batchWorkflow } from './batch.ts';
export { cleanupWorkflow } from './cleanup.ts';
export { issueWorkflow } from './issue.ts';

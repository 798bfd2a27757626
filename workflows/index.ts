export { batchWorkflow } from './batch.ts';
export { issueWorkflow } from './issue.ts';

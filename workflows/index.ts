export { batchWorkflow } from './batch/batch.ts';
export { cleanupWorkflow } from './cleanup.ts';
export { fileIssuesWorkflow } from './file-issues.ts';
export { issueWorkflow } from './issue/issue.ts';

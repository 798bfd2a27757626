import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { attributes, issueWorkflowId } from '../workflows/ids.ts';

/** Keys, among these, of issues whose workflow is open. A list may lag behind, so each key that it lacks is asked for. */
export async function openIssues(client: Client, repo: string, keys: readonly string[]): Promise<readonly string[]> {
  if (keys.length === 0) return [];
  const query = `WorkflowType = 'issueWorkflow' AND ExecutionStatus = 'Running' AND ${attributes.repository.name} = '${repo}'`;
  const listed = new Set<string>();
  for await (const info of client.workflow.list({ query, pageSize: 1000 })) {
    const key = info.typedSearchAttributes.get(attributes.issue);
    if (key) listed.add(key);
  }
  const open: string[] = [];
  for (const key of keys) {
    if (listed.has(key) || (await isOpen(client, issueWorkflowId(repo, key)))) open.push(key);
  }
  return open;
}

/** Only "no such workflow" is a no: taking a server that does not answer for one would lose a running issue. */
async function isOpen(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

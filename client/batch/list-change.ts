import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { attributes } from '../../workflows/ids.ts';

/** Lists show a change some 20 ms after its event; a change that is not listed by then changed no stage. */
const LISTED_WITHIN_MS = 5_000;

/** What a person is about to change. */
export interface Steered {
  readonly batch: string;
  /** Null: the batch itself. */
  readonly issueKey: string | null;
}

/**
 * Looks at the list now, before a message is sent. The function that it returns waits until the list shows another
 * stage or run: whoever follows the batch earlier sees it at rest and takes it for settled. Gives up after 5 s.
 */
export async function listChange(client: Client, steered: Steered): Promise<() => Promise<void>> {
  const before = await listed(client, steered);
  return async () => {
    const deadline = performance.now() + LISTED_WITHIN_MS;
    while ((await listed(client, steered)) === before && performance.now() < deadline) await sleep(20);
  };
}

async function listed(client: Client, { batch, issueKey }: Steered): Promise<string> {
  const issue = issueKey === null ? '' : ` OR ${attributes.issue.name} = '${issueKey}'`;
  const query = `${attributes.batch.name} = '${batch}' AND (WorkflowType = 'batchWorkflow'${issue})`;
  const rows: string[] = [];
  for await (const { runId, status, typedSearchAttributes } of client.workflow.list({ query })) {
    rows.push(`${runId} ${status.name} ${typedSearchAttributes.get(attributes.stage) ?? ''}`);
  }
  return rows.sort().join('\n');
}

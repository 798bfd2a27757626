import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { attributes } from '../../workflows/ids.ts';
import { UsageError } from '../input/errors.ts';
import { issueKeys } from '../plan/key.ts';

/** The run of an issue's workflow that a person means. */
export interface FoundIssue {
  readonly id: string;
  readonly key: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly batch: string;
  readonly repo: string;
  readonly open: boolean;
  readonly stage: string;
  readonly outcome: string | null;
}

/** Finds the newest run of an issue; null: it was never started. @throws UsageError when two repositories have an issue of that name. */
export async function findIssue(
  client: Client,
  wanted: { readonly id: string; readonly batch: string | undefined },
): Promise<FoundIssue | null> {
  const keys = issueKeys(wanted.id).map((key) => `'${key}'`);
  const clauses = [`WorkflowType = 'issueWorkflow'`, `${attributes.issue.name} IN (${keys.join(', ')})`];
  if (wanted.batch !== undefined)
    clauses.push(`${attributes.batch.name} = '${wanted.batch.replace(/[^A-Za-z0-9_-]/g, '')}'`);
  const newest = new Map<string, WorkflowExecutionInfo>();
  for await (const info of client.workflow.list({ query: clauses.join(' AND '), pageSize: 200 })) {
    const known = newest.get(info.workflowId);
    if (!known || known.startTime < info.startTime) newest.set(info.workflowId, info);
  }
  const found = [...newest.values()].map((info) => describe(wanted.id, info));
  if (found.length > 1) {
    throw new UsageError({
      where: wanted.id,
      what: `there are ${found.length} issues of that name, in the repositories ${found.map((each) => each.repo).join(', ')}`,
      mend: `say which batch you mean: ${found.map((each) => `--batch ${each.batch}`).join(' or ')}`,
    });
  }
  return found[0] ?? null;
}

function describe(id: string, info: WorkflowExecutionInfo): FoundIssue {
  const get = info.typedSearchAttributes;
  return {
    id,
    key: get.get(attributes.issue) ?? '',
    workflowId: info.workflowId,
    runId: info.runId,
    batch: get.get(attributes.batch) ?? '',
    repo: get.get(attributes.repository) ?? '',
    open: info.status.name === 'RUNNING',
    stage: get.get(attributes.stage) ?? 'queued',
    outcome: get.get(attributes.outcome) ?? null,
  };
}

import { priorities } from '../domain/issue.ts';
import type { IssueInput } from '../domain/run.ts';
import { attributes, issueWorkflowId } from '../ids.ts';

/** How an issue's workflow is started, by its batch or by a person: its id, its urgency, and how lists find it. */
export function issueStart(input: IssueInput) {
  const { batch, key, repo } = input.issue;
  return {
    workflowId: issueWorkflowId(repo, key),
    args: [input] as [IssueInput],
    priority: { priorityKey: priorities.indexOf(input.priority) + 1 },
    staticSummary: input.title.slice(0, 100),
    typedSearchAttributes: [
      { key: attributes.batch, value: batch },
      { key: attributes.issue, value: key },
      { key: attributes.stage, value: 'queued' },
      { key: attributes.forge, value: input.forge },
      { key: attributes.repository, value: repo },
    ],
  };
}

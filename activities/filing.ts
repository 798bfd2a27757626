import { createHash } from 'node:crypto';
import type { FiledBefore, FiledIssue, FileIssueInput, FileIssuesInput } from '../workflows/domain/plan/filing.ts';
import type { IssueDocument } from '../workflows/domain/issue.ts';
import type { PlanDocument } from '../workflows/domain/plan/plan.ts';
import type { Lookup } from './delivery/lookup.ts';
import { stillOurs } from './heartbeat.ts';
import type { ForgeIssue } from './forges/issue.ts';
import { unless } from './forges/http/unless.ts';
import { taskKey, type Key } from './forges/key.ts';
import { issueDocument } from './repository/repository.ts';

/** Activities that file a plan's issues on a forge: each is looked for before it is made. */
export function createFilingActivities(lookup: Lookup) {
  return {
    /** Looks at the issues that the plan already gives a number. */
    readFiled: async (input: Omit<FileIssuesInput, 'version'>): Promise<FiledBefore> => {
      const { repository, forge } = await lookup.repository(input);
      const plan = await repository.artifacts.get<PlanDocument>({ sha256: input.plan });
      const issues: FiledIssue[] = [];
      const missing: { key: string; number: number }[] = [];
      for (const { key, number, skip } of plan.issues) {
        if (number === undefined || skip !== null) continue;
        const found = await forge.issue(number).catch(unless('not-found'));
        if (found) issues.push(asFiled(key, found, 'known'));
        else missing.push({ key, number });
      }
      return { issues, missing };
    },

    fileIssue: async (input: FileIssueInput): Promise<FiledIssue> => {
      const { repository, forge } = await lookup.repository(input);
      const issue = await issueDocument(repository, input);
      stillOurs();
      const { value, created } = await forge.ensureIssue(keyOf(issue), {
        title: issue.title,
        body: filedBody(issue, input.blockedBy),
        labels: issue.labels,
        blockedBy: input.blockedBy,
      });
      return asFiled(input.key, value, created ? 'filed' : 'adopted');
    },
  };
}

/** The text that an issue is filed with: the plan's, then its dependencies as people and forges read them. */
export function filedBody({ body }: Pick<IssueDocument, 'body'>, blockedBy: readonly number[]): string {
  return [body.trimEnd(), blockedBy.map((number) => `Depends on #${number}`).join('\n')].filter(Boolean).join('\n\n');
}

/** Half of all plans have a `task-1`: an issue of another plan must not be adopted for its id alone. */
function keyOf({ id, key, title }: IssueDocument): Key {
  return taskKey(`${key}-${createHash('sha256').update(`${id}\n${title}`).digest('hex').slice(0, 8)}`);
}

function asFiled(key: string, { number, url, state }: ForgeIssue, how: FiledIssue['how']): FiledIssue {
  return { key, number, url, state, how };
}

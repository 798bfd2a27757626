import type { Forge } from './forge.ts';
import { createAccount, permissionOf } from './github/account.ts';
import { createAuthoredIndex } from './github/own-index.ts';
import { ciOf } from './github/ci.ts';
import { createGithubClient } from './github/api/client.ts';
import { ensureCommentOf } from './github/comments.ts';
import { accessOf, capabilitiesOf, inspectionOf } from './github/inspect.ts';
import { issueStateOf } from './github/issue-state.ts';
import { blockersOf, isOpenElsewhere } from './github/dependencies.ts';
import { closeIssueOf, ensureIssueOf, forgeIssue, listComments, listIssues, readIssueAnswer } from './github/issues.ts';
import { jobLog, rerunJobs } from './github/jobs.ts';
import { changeLabels, labelSettersOf } from './github/labels.ts';
import { mergeOf } from './github/merge.ts';
import { ensurePullOf } from './github/ensure-pull.ts';
import { editPullOf, findPulls, pullRequest, readPull } from './github/pulls.ts';
import { postReviewOf } from './github/reviews.ts';
import { unscheduleMerge } from './github/auto-merge.ts';
import { commitStatus, newestStatuses, setStatusOf } from './github/statuses.ts';
import { textEditedAt } from './github/text-edits.ts';
import { threadsOf } from './github/threads.ts';
import { settleThreads } from './github/thread-answers.ts';
import type { Connection } from './http/connection.ts';

/** GitHub and GitHub Enterprise Server, by their REST API, and by GraphQL where only that can. */
export function createGithubForge(connection: Connection): Forge {
  const client = createGithubClient(connection);
  const me = createAccount(client);
  const authored = createAuthoredIndex(client, me);
  const { remote } = connection;
  const deps = { client, me, authored, remote };

  return {
    me,
    capabilities: () => capabilitiesOf(client),
    access: async () => accessOf(client, await me()),
    inspect: async (base) => inspectionOf(client, base, await me()),

    issues: (query) => listIssues(client, query),
    issue: async (number) => forgeIssue(await readIssueAnswer(client, number)),
    comments: async (number) => listComments(client, { number, me: await me() }),
    blockedBy: (number) => blockersOf(client, number),
    isOpenElsewhere: (at) => isOpenElsewhere(client, at),
    labelSetters: (number) => labelSettersOf(client, number),
    textEditedAt: (number) => textEditedAt(client, number),
    permission: (account) => permissionOf(client, account),
    ensureIssue: async (key, draft) => ensureIssueOf(client, authored, { key, draft }),

    readIssue: (issue) => issueStateOf(deps, issue),
    closeIssue: async ({ number }, closing) => {
      if (number !== undefined) await closeIssueOf(client, number, closing);
    },
    label: async ({ number }, change) => {
      if (number !== undefined) await changeLabels(client, number, change);
    },

    ensurePull: async (key, draft) => ensurePullOf(deps, key, draft),
    pull: async (number) => pullRequest(await readPull(deps, number), await me()),
    pulls: (of) => findPulls(deps, of),
    editPull: (number, edit) => editPullOf(deps, number, edit),
    postReview: async (key, number, review) => postReviewOf(deps, { key, number, review }),
    threads: (pull) => threadsOf(deps, pull),
    settle: (pull, answers) => settleThreads(deps, { pull, answers }),
    ensureComment: async (key, on, body) => {
      const number = 'pull' in on ? on.pull : on.issue.number;
      return number === undefined ? null : ensureCommentOf(client, me, { key, number, body });
    },

    setStatus: (sha, status) => setStatusOf(client, me, { sha, status }),
    statuses: async (sha) => (await newestStatuses(client, sha)).map(commitStatus),
    ci: (sha, base) => ciOf(client, sha, base),
    ciLog: (check, tailBytes) => jobLog(client, check, tailBytes),
    rerun: (checks) => rerunJobs(client, checks),

    merge: (number, order) => mergeOf(deps, number, order),
    cancelMerge: (number) => unscheduleMerge(deps, number),
    branches: async (prefix) => [...(await remote.tips([`${prefix}*`])).keys()],
  };
}

import type { Forge } from './forge.ts';
import { createAccount, readPermission } from './github/account.ts';
import { createAuthoredIndex } from './github/own-index.ts';
import { readCi } from './github/ci.ts';
import { createGithubClient } from './github/api/client.ts';
import { ensureComment } from './github/comments.ts';
import { readAccess, readCapabilities, readInspection } from './github/inspect.ts';
import { readLiveIssue } from './github/issue-state.ts';
import { listBlockers, isOpenElsewhere } from './github/dependencies.ts';
import { closeIssue, ensureIssue, forgeIssue, listComments, listIssues, readIssueAnswer } from './github/issues.ts';
import { readLog, rerunFailed } from './github/jobs.ts';
import { changeLabels, listLabelSetters } from './github/labels.ts';
import { mergePull } from './github/merge.ts';
import { ensurePull } from './github/ensure-pull.ts';
import { editPull, listPulls, pullRequest, readPull } from './github/pulls.ts';
import { postReview } from './github/reviews.ts';
import { unscheduleMerge } from './github/auto-merge.ts';
import { commitStatus, newestStatuses, setStatus } from './github/statuses.ts';
import { textEditedAt } from './github/text-edits.ts';
import { ourThreads } from './github/threads.ts';
import { answerThreads } from './github/thread-answers.ts';
import type { Connection } from './http/connection.ts';

/** GitHub and GitHub Enterprise Server, by their REST API, and by GraphQL where only that can. */
export function createGithubForge(connection: Connection): Forge {
  const client = createGithubClient(connection);
  const me = createAccount(client);
  const authored = createAuthoredIndex(client, me);
  const { remote } = connection;
  const github = { client, me, authored, remote };

  return {
    me,
    capabilities: () => readCapabilities(client),
    access: async () => readAccess(client, await me()),
    inspect: async (base) => readInspection(client, base, await me()),

    issues: (query) => listIssues(client, query),
    issue: async (number) => forgeIssue(await readIssueAnswer(client, number)),
    comments: async (number) => listComments(client, { number, me: await me() }),
    blockedBy: (number) => listBlockers(client, number),
    isOpenElsewhere: (at) => isOpenElsewhere(client, at),
    labelSetters: (number) => listLabelSetters(client, number),
    textEditedAt: (number) => textEditedAt(client, number),
    permission: (account) => readPermission(client, account),
    ensureIssue: async (key, draft) => ensureIssue(client, authored, { key, draft }),

    readIssue: (issue) => readLiveIssue(github, issue),
    closeIssue: async ({ number }, closing) => {
      if (number !== undefined) await closeIssue(client, number, closing);
    },
    label: async ({ number }, change) => {
      if (number !== undefined) await changeLabels(client, number, change);
    },

    ensurePull: async (key, draft) => ensurePull(github, key, draft),
    pull: async (number) => pullRequest(await readPull(github, number), await me()),
    pulls: (of) => listPulls(github, of),
    editPull: (number, edit) => editPull(github, number, edit),
    postReview: async (key, number, review) => postReview(github, { key, number, review }),
    threads: (pull) => ourThreads(github, pull),
    answerThreads: (pull, answers) => answerThreads(github, { pull, answers }),
    ensureComment: async (key, on, body) => {
      const number = 'pull' in on ? on.pull : on.issue.number;
      return number === undefined ? null : ensureComment(client, me, { key, number, body });
    },

    setStatus: (sha, status) => setStatus(client, me, { sha, status }),
    statuses: async (sha) => (await newestStatuses(client, sha)).map(commitStatus),
    ci: (sha, base) => readCi(client, sha, base),
    ciLog: (check, tailBytes) => readLog(client, check, tailBytes),
    rerun: (checks) => rerunFailed(client, checks),

    merge: (number, order) => mergePull(github, number, order),
    cancelMerge: (number) => unscheduleMerge(github, number),
    branches: async (prefix) => [...(await remote.tips([`${prefix}*`])).keys()],
  };
}

import type { Forge } from './forge.ts';
import type { Connection } from './http/connection.ts';
import { setStatus, readCi, readLog, readStatuses, rerunFailed } from './gitea/ci.ts';
import { ensureComment } from './gitea/comments.ts';
import { once } from '../host/once.ts';
import { createContext } from './gitea/context.ts';
import { readAccess, readInspection, readCapabilities, readPermission } from './gitea/inspect.ts';
import { closeIssue, readLiveIssue } from './gitea/issue-state.ts';
import {
  ensureIssue,
  isOpenElsewhere,
  listBlockers,
  listComments,
  listIssues,
  listLabelSetters,
  readIssueOf,
} from './gitea/issues.ts';
import { changeLabels } from './gitea/labels.ts';
import { mergePull } from './gitea/merge.ts';
import { editPull, ensurePull, listPulls, readPull } from './gitea/pulls.ts';
import { postReview } from './gitea/reviews.ts';
import { textEditedAt } from './gitea/text-edits.ts';
import { ourThreads, answerThreads } from './gitea/threads.ts';

/** A repository on a Gitea or Forgejo, by its REST API. @throws ForgeError `invalid` for a place that is no address. */
export function createGiteaForge(connection: Connection): Forge {
  const gitea = createContext(connection);
  return {
    me: () => gitea.me(),
    capabilities: once(() => readCapabilities(gitea)),
    access: () => readAccess(gitea),
    inspect: (base) => readInspection(gitea, base),

    issues: (query) => listIssues(gitea, query),
    issue: (number) => readIssueOf(gitea, number),
    comments: (number) => listComments(gitea, number),
    blockedBy: (number) => listBlockers(gitea, number),
    isOpenElsewhere: (at) => isOpenElsewhere(gitea, at),
    labelSetters: (number) => listLabelSetters(gitea, number),
    textEditedAt: (number) => textEditedAt(gitea, number),
    permission: (account) => readPermission(gitea, account),
    ensureIssue: (key, draft) => ensureIssue(gitea, key, draft),

    readIssue: (issue) => readLiveIssue(gitea, issue),
    closeIssue: async ({ number }) => {
      if (number !== undefined) await closeIssue(gitea, number);
    },
    label: async ({ number }, change) => {
      if (number !== undefined) await changeLabels(gitea, number, change);
    },

    ensurePull: (key, draft) => ensurePull(gitea, key, draft),
    pull: (number) => readPull(gitea, number),
    pulls: (of) => listPulls(gitea, of),
    editPull: (number, edit) => editPull(gitea, number, edit),
    postReview: (key, number, review) => postReview(gitea, key, { number, review }),
    threads: (pull) => ourThreads(gitea, pull),
    answerThreads: (pull, answers) => answerThreads(gitea, pull, answers),
    ensureComment: async (key, on, body) => {
      const number = 'pull' in on ? on.pull : on.issue.number;
      return number === undefined ? null : ensureComment(gitea, key, { number, body });
    },

    setStatus: (sha, status) => setStatus(gitea, sha, status),
    statuses: (sha) => readStatuses(gitea, sha),
    ci: (sha, base) => readCi(gitea, sha, base),
    ciLog: (check, tailBytes) => readLog(gitea, check, tailBytes),
    rerun: (checks) => rerunFailed(gitea, checks),

    merge: (number, order) => mergePull(gitea, number, order),
    cancelMerge: async () => {}, // none is ever scheduled
    branches: async (prefix) => [...(await connection.remote.tips([`${prefix}*`])).keys()],
  };
}

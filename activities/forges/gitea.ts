import type { Forge } from './forge.ts';
import type { Connection } from './http/connection.ts';
import { putStatus, readCi, readLog, readStatuses, rerunFailed } from './gitea/ci.ts';
import { ensureCommentOn } from './gitea/comments.ts';
import { createDesk, once } from './gitea/context.ts';
import { accessFor, inspectFor, readCapabilities, readPermission } from './gitea/inspect.ts';
import { closeNumber, readState } from './gitea/issue-state.ts';
import {
  ensureIssueOnce,
  isOpenElsewhere,
  listBlockers,
  listComments,
  listIssues,
  listLabelSetters,
  readIssueOf,
} from './gitea/issues.ts';
import { changeLabels } from './gitea/labels.ts';
import { mergePull } from './gitea/merge.ts';
import { editPullBy, ensurePullOnce, listPulls, readPull } from './gitea/pulls.ts';
import { postReviewOnce } from './gitea/reviews.ts';
import { textEditedAt } from './gitea/text-edits.ts';
import { ourThreads, settleThreads } from './gitea/threads.ts';

/** A repository on a Gitea or Forgejo, by its REST API. @throws ForgeError `invalid` for a place that is no address. */
export function createGiteaForge(connection: Connection): Forge {
  const desk = createDesk(connection);
  return {
    me: () => desk.me(),
    capabilities: once(() => readCapabilities(desk)),
    access: () => accessFor(desk),
    inspect: (base) => inspectFor(desk, base),

    issues: (query) => listIssues(desk, query),
    issue: (number) => readIssueOf(desk, number),
    comments: (number) => listComments(desk, number),
    blockedBy: (number) => listBlockers(desk, number),
    isOpenElsewhere: (at) => isOpenElsewhere(desk, at),
    labelSetters: (number) => listLabelSetters(desk, number),
    textEditedAt: (number) => textEditedAt(desk, number),
    permission: (account) => readPermission(desk, account),
    ensureIssue: (key, draft) => ensureIssueOnce(desk, key, draft),

    readIssue: (issue) => readState(desk, issue),
    closeIssue: async ({ number }) => {
      if (number !== undefined) await closeNumber(desk, number);
    },
    label: async ({ number }, change) => {
      if (number !== undefined) await changeLabels(desk, number, change);
    },

    ensurePull: (key, draft) => ensurePullOnce(desk, key, draft),
    pull: (number) => readPull(desk, number),
    pulls: (of) => listPulls(desk, of),
    editPull: (number, edit) => editPullBy(desk, number, edit),
    postReview: (key, number, review) => postReviewOnce(desk, key, { number, review }),
    threads: (pull) => ourThreads(desk, pull),
    settle: (pull, answers) => settleThreads(desk, pull, answers),
    ensureComment: async (key, on, body) => {
      const number = 'pull' in on ? on.pull : on.issue.number;
      return number === undefined ? null : ensureCommentOn(desk, key, { number, body });
    },

    setStatus: (sha, status) => putStatus(desk, sha, status),
    statuses: (sha) => readStatuses(desk, sha),
    ci: (sha, base) => readCi(desk, sha, base),
    ciLog: (check, tailBytes) => readLog(desk, check, tailBytes),
    rerun: (checks) => rerunFailed(desk, checks),

    merge: (number, order) => mergePull(desk, number, order),
    cancelMerge: async () => {}, // none is ever scheduled
    branches: async (prefix) => [...(await connection.remote.tips([`${prefix}*`])).keys()],
  };
}

import { foldCi, type CiCheck } from '../../workflows/domain/forge/ci.ts';
import type { ForgeAccess } from '../../workflows/domain/forge/forge-question.ts';
import { issueRecord, statusRecord, type IssueRecord, type PullRecord } from './local/schema.ts';
import { createPullShelf, refreshPulls } from './local/pulls.ts';
import type { Records } from './local/records.ts';
import type { Remote } from '../git/remote.ts';
import { ForgeError } from '../failure/forge-error.ts';
import { marked, statusKey } from './key.ts';
import { withoutIssues } from './local/issues.ts';
import { begun, createThreads } from './local/threads.ts';
import type { Capabilities, Comment, CommitStatus, Forge } from './forge.ts';
import type { IssueIdentity } from './issue.ts';
import {
  staying,
  type Merge,
  type MergeOrder,
  type PullDraft,
  type PullEdit,
  type PullFilter,
  type PullRequest,
} from './pull.ts';
import type { Key } from './key.ts';
import { fullSha, mustHaveWork } from './pushed.ts';

const abilities: Capabilities = {
  issues: false,
  ownReview: 'any',
  scheduledMerge: false,
  ciLog: false,
  dependencies: false,
};

const nobody = { id: 'local', login: 'local' };

/** Files of ours take whatever they are given. */
const ownAccess: ForgeAccess = {
  account: nobody,
  permission: 'admin',
  scopes: null,
  missing: [],
  isArchived: false,
  hasIssues: false,
};

/** What the local forge stands on: its files, and the repository that it stands beside. */
export interface LocalForgeDeps {
  readonly records: Records;
  readonly remote: Remote;
  /** Puts a head onto the newest base of the remote. */
  readonly merge: (landing: { readonly base: string } & MergeOrder) => Promise<Merge>;
}

/** A forge without a server: pull requests, reviews and statuses as files, heads and merges read from the remote. */
export function createLocalForge({ records, remote, merge }: LocalForgeDeps): Forge {
  const shelf = createPullShelf(records);
  const refreshed = (pulls: readonly PullRecord[]) => refreshPulls(shelf, remote, pulls);
  const same = (key: Key, draft: PullDraft) =>
    shelf.find((facts) => facts.branch === draft.branch && facts.key === key);

  /** Of several for the same work one stays; the others are closed. */
  const settled = async (pulls: readonly PullRecord[]): Promise<PullRecord | null> => {
    const keep = staying(pulls);
    for (const other of pulls) {
      if (other.state !== 'open' || other.number === keep?.number) continue;
      const comment = { key: statusKey(other.issue.key), body: `Closed: #${keep?.number} is the same work.` };
      await shelf.write(withComment({ ...other, state: 'closed' }, comment));
    }
    return keep;
  };

  const readRecord = async (issue: IssueIdentity): Promise<IssueRecord> => {
    const fresh: IssueRecord = { version: 1, id: issue.id, key: issue.key, closings: [], comments: [] };
    return (await records.read(issuePath(issue), issueRecord)) ?? fresh;
  };

  const statuses = async (sha: string) => (await records.read(statusPath(sha), statusRecord))?.statuses ?? [];

  return {
    ...withoutIssues,
    ...createThreads(shelf),
    me: async () => nobody,
    capabilities: async () => abilities,
    access: async () => ownAccess,
    inspect: async (base) => ({
      ...ownAccess,
      server: 'local',
      isPrivate: true,
      mergeMethods: ['merge'],
      autoMerge: false,
      base: {
        exists: (await remote.tips([base])).has(base),
        isProtected: false,
        requiredChecks: null,
        requiredApprovals: null,
      },
      limit: null,
    }),

    async readIssue(issue) {
      const { closings } = await readRecord(issue);
      const all = await shelf.find((facts) => facts.issueKey === issue.key);
      const pulls = await refreshed(all.filter((pull) => pull.issue.textHash === issue.textHash));
      const closing = closings.find((each) => each.textHash === issue.textHash);
      const merged = pulls.find((pull) => pull.state === 'merged');
      const because = closing?.because ?? (merged ? `pull request #${merged.number} was merged` : null);
      return {
        state: because === null ? 'open' : 'closed',
        textHash: null,
        closedBecause: because,
        pulls: pulls.map(shown),
      };
    },

    closeIssue: (issue, closing) =>
      records.alone(async () => {
        const record = await readRecord(issue);
        if (record.closings.some((each) => each.textHash === issue.textHash)) return;
        const closings = [...record.closings, { textHash: issue.textHash, ...closing }];
        await records.write(issuePath(issue), { ...record, closings });
      }),

    async ensurePull(key, draft) {
      const found = await refreshed(await same(key, draft));
      if (found.length === 0) await mustHaveWork(remote, draft);
      return records.alone(async () => {
        const before = await same(key, draft);
        const made = before.length === 0 ? await shelf.add(fresh(key, draft)) : null;
        // Look again: another process may have made one in the same moment.
        const kept = await settled(await same(key, draft));
        if (!kept) throw new ForgeError('not-found', `the record of ${draft.branch} went away while it was made`);
        const newest = kept.state === 'open' ? { ...kept, ...wordsOf(key, draft) } : kept;
        if (!made && newest !== kept) await shelf.write(newest);
        return { value: shown(newest), created: made?.number === kept.number };
      });
    },

    pull: async (number) => shown(only(await refreshed([await shelf.read(number)]))),

    pulls: async (of) => (await refreshed(await shelf.find(matching(of)))).map(shown),

    async editPull(number, edit) {
      await refreshed([await shelf.read(number)]); // it may have been merged by hand
      return shown(await shelf.update(number, (pull) => edited(pull, edit)));
    },

    async postReview(key, number, { inline = [], ...review }) {
      const value = { key, ...review, body: marked(key, review.body) };
      let created = false;
      const { reviews } = await shelf.update(number, (pull) => {
        created = !pull.reviews.some((each) => each.key === key);
        if (!created) return pull;
        const threads = [...(pull.threads ?? []), ...inline.map(begun)];
        return { ...pull, reviews: [...pull.reviews, value], threads };
      });
      const posted = reviews.find((each) => each.key === key) ?? value;
      return { value: { ...posted, event: posted.verdict === 'approved' ? 'approve' : 'request-changes' }, created };
    },

    async ensureComment(key, on, body) {
      const value = { key, body: marked(key, body) };
      let created = false;
      const add = <T extends { readonly comments: readonly Comment[] }>(record: T): T => {
        created = !record.comments.some((each) => each.key === key);
        return withComment(record, value);
      };
      if ('pull' in on) await shelf.update(on.pull, add);
      else await records.alone(async () => records.write(issuePath(on.issue), add(await readRecord(on.issue))));
      return { value, created };
    },

    setStatus: (sha, status) =>
      records.alone(async () => {
        const others = (await statuses(sha)).filter((each) => each.context !== status.context);
        await records.write(statusPath(sha), { version: 1, sha, statuses: [...others, status] });
      }),

    statuses,

    ci: async (sha) => foldCi(sha, (await statuses(sha)).flatMap(ciCheckOf)),
    ciLog: async () => null,
    rerun: async () => false,

    async merge(number, order) {
      const pull = only(await refreshed([await shelf.read(number)]));
      if (pull.state === 'merged') return { kind: 'merged', sha: pull.mergeSha ?? pull.head };
      if (pull.state === 'closed') return { kind: 'blocked', reason: `#${number} is closed` };
      if (pull.head !== order.sha) throw new ForgeError('stale-head', `#${number} is at ${pull.head}`);
      return merge({ ...order, base: pull.base });
    },
    cancelMerge: async () => {},

    branches: async (prefix) => [...(await remote.tips([`${prefix}*`])).keys()],
  };
}

function fresh(key: Key, draft: PullDraft): Omit<PullRecord, 'version' | 'number'> {
  const { issue, branch, base } = draft;
  return { key, issue, branch, base, ...wordsOf(key, draft), state: 'open', mergeSha: null, reviews: [], comments: [] };
}

function ciCheckOf({ context, state }: CommitStatus): readonly CiCheck[] {
  if (context.startsWith('millrace/')) return [];
  return [{ name: context, source: 'status', state, required: null, url: null, job: null }];
}

/** What a later push may change. */
function wordsOf(key: Key, draft: PullDraft): Pick<PullRecord, 'head' | 'title' | 'body'> {
  return { head: draft.head, title: draft.title, body: marked(key, draft.body) };
}

function edited(pull: PullRecord, edit: PullEdit): PullRecord {
  if (edit.state !== undefined && pull.state === 'merged') {
    throw new ForgeError('conflict', `#${pull.number} is merged: it can be neither opened nor closed`);
  }
  const body = edit.body === undefined ? pull.body : marked(pull.key, edit.body);
  return { ...pull, title: edit.title ?? pull.title, body, state: edit.state ?? pull.state };
}

function matching(filter: PullFilter): (facts: { readonly branch: string; readonly issueKey: string }) => boolean {
  if (filter === 'all') return () => true;
  if ('branch' in filter) return (facts) => facts.branch === filter.branch;
  return (facts) => facts.issueKey === filter.issueKey;
}

function withComment<T extends { readonly comments: readonly Comment[] }>(record: T, comment: Comment): T {
  const at = record.comments.findIndex((each) => each.key === comment.key);
  const comments = at < 0 ? [...record.comments, comment] : record.comments.with(at, comment);
  return { ...record, comments };
}

function shown(pull: PullRecord): PullRequest {
  const { number, title, body, state, branch, head, base, mergeSha } = pull;
  const facts = { author: null, isDraft: false, mergeable: 'unknown', url: null } as const;
  return { ...facts, number, issueKey: pull.issue.key, title, body, state, branch, head, base, mergeSha };
}

function only(pulls: readonly PullRecord[]): PullRecord {
  const [pull] = pulls;
  if (!pull) throw new Error('a look at one pull request gave none');
  return pull;
}

function issuePath(issue: IssueIdentity): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(issue.key)) return `issues/${issue.key}`;
  throw new ForgeError('invalid', `not the key of an issue: ${JSON.stringify(issue.key.slice(0, 80))}`);
}

function statusPath(sha: string): string {
  return `statuses/${fullSha(sha)}`;
}

import { ForgeError } from '../failure/forge-error.ts';
import type { RemoteReader } from '../git/remote.ts';
import type { Comment, Forge } from './forge.ts';
import { marked, statusKey, type Key } from './key.ts';
import { createOwner } from './local/account.ts';
import { closed, createIssueStore } from './local/issue-store.ts';
import { withoutIssues } from './local/issues.ts';
import { edited, matching, opened, shown, withComment, draftWords } from './local/pull-record.ts';
import { createPullStore, refreshPulls } from './local/pulls.ts';
import type { Records } from './local/records.ts';
import type { PullRecord } from './local/schema.ts';
import { createStatuses } from './local/statuses.ts';
import { begun, createThreads } from './local/threads.ts';
import { staying, type Merge, type MergeOrder, type PullDraft } from './pull.ts';
import { mustHaveWork } from './pushed.ts';

/** What the local forge needs: its files, and the repository it belongs to. */
export interface LocalForgeDeps {
  readonly records: Records;
  readonly remote: RemoteReader;
  /** Puts a head onto the newest base of the remote. */
  readonly merge: (landing: { readonly base: string } & MergeOrder) => Promise<Merge>;
}

/** A forge without a server: pull requests, reviews and statuses as files, heads and merges read from the remote. */
export function createLocalForge({ records, remote, merge }: LocalForgeDeps): Forge {
  const store = createPullStore(records);
  const issues = createIssueStore(records);
  const refreshed = (pulls: readonly PullRecord[]) => refreshPulls(store, remote, pulls);
  const read = async (number: number) => only(await refreshed([await store.read(number)]));
  const same = (key: Key, draft: PullDraft) =>
    store.find((facts) => facts.branch === draft.branch && facts.key === key);

  /** Of several for the same work one stays open; the others are closed. */
  const closeDoubles = async (pulls: readonly PullRecord[]): Promise<PullRecord | null> => {
    const keep = staying(pulls);
    for (const other of pulls) {
      if (other.state !== 'open' || other.number === keep?.number) continue;
      const comment = { key: statusKey(other.issue.key), body: `Closed: #${keep?.number} is the same work.` };
      await store.write(withComment({ ...other, state: 'closed' }, comment));
    }
    return keep;
  };

  return {
    ...withoutIssues,
    ...createOwner(remote),
    ...createThreads(store),
    ...createStatuses(records),

    async readIssue(issue) {
      const { closings } = await issues.read(issue);
      const all = await store.find((facts) => facts.issueKey === issue.key);
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

    closeIssue: (issue, closing) => issues.update(issue, (record) => closed(record, issue.textHash, closing)),

    async ensurePull(key, draft) {
      const found = await refreshed(await same(key, draft));
      if (found.length === 0) await mustHaveWork(remote, draft);
      return records.alone(async () => {
        const before = await same(key, draft);
        const made = before.length === 0 ? await store.add(opened(key, draft)) : null;
        // Look again: another process may have made one at the same moment.
        const kept = await closeDoubles(await same(key, draft));
        if (!kept) throw new ForgeError('not-found', `the record of ${draft.branch} disappeared while it was made`);
        const newest = kept.state === 'open' ? { ...kept, ...draftWords(key, draft) } : kept;
        if (!made && newest !== kept) await store.write(newest);
        return { value: shown(newest), created: made?.number === kept.number };
      });
    },

    pull: async (number) => shown(await read(number)),

    pulls: async (of) => (await refreshed(await store.find(matching(of)))).map(shown),

    async editPull(number, edit) {
      await read(number); // it may have been merged by hand
      return shown(await store.update(number, (pull) => edited(pull, edit)));
    },

    async postReview(key, number, { inline = [], ...review }) {
      const value = { key, ...review, body: marked(key, review.body) };
      let created = false;
      const { reviews } = await store.update(number, (pull) => {
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
      if ('pull' in on) await store.update(on.pull, add);
      else await issues.update(on.issue, add);
      return { value, created };
    },

    async merge(number, order) {
      const pull = await read(number);
      if (pull.state === 'merged') return { kind: 'merged', sha: pull.mergeSha ?? pull.head };
      if (pull.state === 'closed') return { kind: 'blocked', reason: `#${number} is closed` };
      if (pull.head !== order.sha) throw new ForgeError('stale-head', `#${number} is at ${pull.head}`);
      return merge({ ...order, base: pull.base });
    },
    cancelMerge: async () => {},

    branches: async (prefix) => [...(await remote.tips([`${prefix}*`])).keys()],
  };
}

function only(pulls: readonly PullRecord[]): PullRecord {
  const [pull] = pulls;
  if (!pull) throw new Error('a look at one pull request gave none');
  return pull;
}

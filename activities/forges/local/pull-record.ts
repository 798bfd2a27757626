import { ForgeError } from '../../failure/forge-error.ts';
import type { Comment } from '../forge.ts';
import { marked, type Key } from '../key.ts';
import type { PullDraft, PullEdit, PullFilter, PullRequest } from '../pull.ts';
import type { PullFacts } from './pulls.ts';
import type { PullRecord } from './schema.ts';

/** The record of a pull request as it is opened. */
export function opened(key: Key, draft: PullDraft): Omit<PullRecord, 'version' | 'number'> {
  const { issue, branch, base } = draft;
  return {
    key,
    issue,
    branch,
    base,
    ...draftWords(key, draft),
    state: 'open',
    mergeSha: null,
    reviews: [],
    comments: [],
  };
}

/** What a later push may change. */
export function draftWords(key: Key, draft: PullDraft): Pick<PullRecord, 'head' | 'title' | 'body'> {
  return { head: draft.head, title: draft.title, body: marked(key, draft.body) };
}

/** The record with an edit. @throws ForgeError `conflict` when a merged one is to be opened or closed. */
export function edited(pull: PullRecord, edit: PullEdit): PullRecord {
  if (edit.state !== undefined && pull.state === 'merged') {
    throw new ForgeError('conflict', `#${pull.number} is merged: it can be neither opened nor closed`);
  }
  const body = edit.body === undefined ? pull.body : marked(pull.key, edit.body);
  return { ...pull, title: edit.title ?? pull.title, body, state: edit.state ?? pull.state };
}

/** The record with a comment, which replaces the earlier one of the same key. */
export function withComment<T extends { readonly comments: readonly Comment[] }>(record: T, comment: Comment): T {
  const at = record.comments.findIndex((each) => each.key === comment.key);
  const comments = at < 0 ? [...record.comments, comment] : record.comments.with(at, comment);
  return { ...record, comments };
}

/** Turns a filter into a test of a record. */
export function matching(filter: PullFilter): (facts: PullFacts) => boolean {
  if (filter === 'all') return () => true;
  if ('branch' in filter) return (facts) => facts.branch === filter.branch;
  return (facts) => facts.issueKey === filter.issueKey;
}

/** The pull request as every forge shows one. */
export function shown(pull: PullRecord): PullRequest {
  const { number, title, body, state, branch, head, base, mergeSha } = pull;
  const facts = { author: null, isDraft: false, mergeable: 'unknown', url: null } as const;
  return { ...facts, number, issueKey: pull.issue.key, title, body, state, branch, head, base, mergeSha };
}

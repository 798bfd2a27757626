import type { ForgeAccess, ForgeInspection } from '../../../workflows/domain/forge/forge-question.ts';
import { ForgeError } from '../../../activities/failure/forge-error.ts';
import type { Account, Permission } from '../../../activities/forges/account.ts';
import type { Capabilities, CommitStatus, Forge } from '../../../activities/forges/forge.ts';
import type { ForgeIssue, IssueComment, IssueQuery, LabelSetting } from '../../../activities/forges/issue.ts';
import type { PullRequest } from '../../../activities/forges/pull.ts';

/** What a forge in memory keeps of an issue. */
export interface KeptIssue {
  readonly title?: string;
  readonly body?: string;
  readonly state?: 'open' | 'closed';
  readonly labels?: readonly string[];
  /** Login; default: `writer`. */
  readonly author?: string;
  readonly createdAt?: number;
  readonly milestone?: string;
  readonly assignee?: string;
  readonly comments?: readonly { readonly author: string; readonly body: string }[];
  readonly blockedBy?: readonly number[];
  /** `owner/name#12`. */
  readonly blockedElsewhere?: readonly string[];
  /** Who set a label, and when; left out: at 1000. */
  readonly setters?: Readonly<Record<string, string | readonly [login: string, at: number]>>;
  readonly editedAt?: number;
  readonly pulls?: readonly Partial<PullRequest>[];
}

export interface MemoryForgeInput {
  readonly issues: Readonly<Record<number, KeptIssue>>;
  readonly pulls?: readonly number[];
  readonly permissions?: Readonly<Record<string, Permission>>;
  readonly isPrivate?: boolean;
  readonly dependencies?: boolean;
  /** Whether an `owner/name#12` is open. */
  readonly elsewhere?: Readonly<Record<string, boolean>>;
  readonly statuses?: Readonly<Record<string, readonly CommitStatus[]>>;
}

export interface MemoryForge extends Forge {
  /** What was asked, in order: `issue 42`, `permission writer`. */
  readonly asked: readonly string[];
}

const day = 24 * 60 * 60 * 1000;

/** A forge that keeps its issues in memory: the part of the seam that reads, for selecting. */
export function createMemoryForge(input: MemoryForgeInput): MemoryForge {
  const asked: string[] = [];
  const permissions: Readonly<Record<string, Permission>> = { writer: 'write', owner: 'admin', ...input.permissions };
  const note = (question: string) => void asked.push(question);

  const kept = (number: number): KeptIssue => {
    const issue = input.issues[number];
    if (!issue) throw new ForgeError('not-found', `no issue ${number}`, { status: 404 });
    return issue;
  };
  const shown = (number: number): ForgeIssue => {
    const issue = kept(number);
    return {
      number,
      title: issue.title ?? `Issue ${number}`,
      body: issue.body ?? `Do ${number}.`,
      state: issue.state ?? 'open',
      labels: issue.labels ?? [],
      author: accountOf(issue.author ?? 'writer'),
      createdAt: issue.createdAt ?? number * day,
      url: null,
    };
  };
  const pull = (number: number, facts: Partial<PullRequest> = {}): PullRequest => ({
    number,
    url: null,
    issueKey: null,
    author: accountOf('writer'),
    isDraft: false,
    mergeable: 'unknown',
    title: `Pull ${number}`,
    body: '',
    state: 'open',
    branch: `branch-${number}`,
    head: 'a'.repeat(40),
    base: 'main',
    mergeSha: null,
    ...facts,
  });
  const matches = (number: number, query: IssueQuery): boolean => {
    const issue = kept(number);
    const labels = (issue.labels ?? []).map((label) => label.toLowerCase());
    return (
      (issue.state ?? 'open') === 'open' &&
      query.labels.every((label) => labels.includes(label.toLowerCase())) &&
      (query.milestone === null || query.milestone === issue.milestone) &&
      (query.assignee === null || query.assignee === issue.assignee) &&
      (query.search === null || shown(number).title.includes(query.search))
    );
  };

  const access: ForgeAccess = {
    account: accountOf('millrace'),
    permission: 'write',
    scopes: null,
    missing: [],
    isArchived: false,
    hasIssues: true,
  };

  return {
    ...unasked,
    asked,
    me: async () => accountOf('millrace'),
    capabilities: async (): Promise<Capabilities> => ({
      issues: true,
      ownReview: 'comment-only',
      scheduledMerge: false,
      ciLog: false,
      dependencies: input.dependencies ?? false,
    }),
    access: async () => access,
    inspect: async (): Promise<ForgeInspection> => ({
      ...access,
      server: 'memory',
      isPrivate: input.isPrivate ?? false,
      mergeMethods: ['merge'],
      autoMerge: null,
      base: { exists: true, isProtected: null, requiredChecks: null, requiredApprovals: null },
      limit: null,
    }),
    async issues(query) {
      note('issues');
      const numbers = Object.keys(input.issues).map(Number);
      return numbers.filter((number) => matches(number, query)).map(shown);
    },
    async issue(number) {
      note(`issue ${number}`);
      return shown(number);
    },
    async comments(number): Promise<readonly IssueComment[]> {
      note(`comments ${number}`);
      const comments = kept(number).comments ?? [];
      return comments.map(({ author, body }, index) => ({
        id: `${number}-${index}`,
        author: accountOf(author),
        body,
        updatedAt: Date.UTC(2026, 10, index + 1),
      }));
    },
    async blockedBy(number) {
      note(`blockedBy ${number}`);
      const here = (kept(number).blockedBy ?? []).filter((each) => kept(each).state !== 'closed');
      return { here, elsewhere: kept(number).blockedElsewhere ?? [] };
    },
    async isOpenElsewhere(at) {
      const slug = `${at.owner}/${at.name}#${at.number}`;
      note(`elsewhere ${slug}`);
      return input.elsewhere?.[slug] ?? null;
    },
    async labelSetters(number): Promise<readonly LabelSetting[]> {
      note(`labelSetters ${number}`);
      return Object.entries(kept(number).setters ?? {}).map(([label, told]) => {
        const [login, at] = typeof told === 'string' ? [told, 1_000] : told;
        return { label, by: accountOf(login), at };
      });
    },
    async textEditedAt(number) {
      note(`textEditedAt ${number}`);
      return kept(number).editedAt ?? null;
    },
    async permission(account) {
      note(`permission ${account.login}`);
      return permissions[account.login] ?? 'read';
    },
    async readIssue({ number }) {
      note(`readIssue ${number}`);
      const issue = kept(number ?? 0);
      const state = issue.state ?? 'open';
      const pulls = (issue.pulls ?? []).map((facts, index) => pull(facts.number ?? 900 + index, facts));
      return { state, textHash: null, closedBecause: state === 'closed' ? 'closed' : null, pulls };
    },
    async pull(number) {
      note(`pull ${number}`);
      if (input.pulls?.includes(number)) return pull(number);
      throw new ForgeError('not-found', `no pull request ${number}`, { status: 404 });
    },
    statuses: async (sha) => input.statuses?.[sha] ?? [],
  };
}

function accountOf(login: string): Account {
  return { id: `id-of-${login}`, login };
}

function never(): never {
  throw new Error('selecting issues changes nothing on a forge');
}

const unasked: Omit<
  Forge,
  | 'me'
  | 'capabilities'
  | 'access'
  | 'inspect'
  | 'issues'
  | 'issue'
  | 'comments'
  | 'blockedBy'
  | 'isOpenElsewhere'
  | 'labelSetters'
  | 'textEditedAt'
  | 'permission'
  | 'readIssue'
  | 'pull'
  | 'statuses'
> = {
  ensureIssue: async () => never(),
  closeIssue: async () => never(),
  label: async () => never(),
  ensurePull: async () => never(),
  pulls: async () => never(),
  editPull: async () => never(),
  postReview: async () => never(),
  threads: async () => never(),
  answerThreads: async () => never(),
  ensureComment: async () => never(),
  setStatus: async () => never(),
  ci: async () => never(),
  ciLog: async () => never(),
  rerun: async () => never(),
  merge: async () => never(),
  cancelMerge: async () => never(),
  branches: async () => never(),
};

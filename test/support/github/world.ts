import type { BareRemote } from '../git/bare-remote.ts';
import type { ContractCheck } from './contract.ts';
import type { Objects } from './objects.ts';
import { emptyState, type AccountRecord, type Conclusion, type MergeMethod, type State } from './state.ts';

/** What a pull request has to have before it may be merged into a branch. */
export interface BranchRule {
  readonly requiredStatuses: readonly string[];
  readonly approvals: number;
  /** The head has to contain the base's tip. */
  readonly strict: boolean;
}

export interface RepositorySettings {
  isPrivate: boolean;
  isArchived: boolean;
  hasIssues: boolean;
  allowAutoMerge: boolean;
  mergeMethods: readonly MergeMethod[];
  deleteBranchOnMerge: boolean;
  /** How many times `mergeable` reads null after head or base moved. */
  mergeableLag: number;
  /** A search finds what was written only after `indexSearch()`. */
  searchLags: boolean;
  /** By branch. */
  rules: Readonly<Record<string, BranchRule>>;
}

/** A head that was pushed, or started again. */
export interface Push {
  readonly branch: string;
  readonly sha: string;
  /** 1 for the push itself, more for each time that it was started again. */
  readonly attempt: number;
  /** A file of that commit; null: it has none. */
  readonly read: (path: string) => Promise<string | null>;
}

/** How one check of a push ends. */
export interface CiResult {
  readonly name: string;
  /** Null: it stays pending until `conclude`. */
  readonly conclusion: Conclusion | null;
  readonly log?: string;
  /** Left out: a job of GitHub Actions. `app`: a check of something else; `status`: a commit status. */
  readonly by?: 'actions' | 'app' | 'status';
}

export type Ci = (push: Push) => readonly CiResult[] | Promise<readonly CiResult[]>;

/** A GitHub App that is installed on the repository. */
export interface AppSeed {
  readonly id: string;
  readonly installation: number;
  /** PEM of the key that its tokens are verified with. */
  readonly publicKey: string;
  /** Login of the account that it acts as: `name[bot]`. */
  readonly account: string;
}

/** All that the rules of the fake work on. */
export interface World {
  readonly owner: string;
  readonly name: string;
  /** Origin of the server, and of the one that holds logs. */
  readonly origin: string;
  readonly logOrigin: string;
  readonly contract: ContractCheck;
  readonly remote: BareRemote;
  readonly objects: Objects;
  readonly accounts: readonly AccountRecord[];
  readonly settings: RepositorySettings;
  /** Null: none is installed. */
  readonly app: AppSeed | null;
  /** Tokens of its installation. */
  readonly minted: Map<string, AccountRecord>;
  state: State;
  ci: Ci;
  nextId(): number;
  now(): string;
}

/** Forgets all that happened. */
export function forget(world: World): void {
  world.state = emptyState();
}

/** The account of that login, whatever its case. @throws Error: tests name accounts that they made. */
export function accountOf(world: World, login: string): AccountRecord {
  const found = world.accounts.find((each) => each.login.toLowerCase() === login.toLowerCase());
  if (found === undefined) throw new Error(`the fake has no account ${login}`);
  return found;
}

/** Whether an account may change what belongs to others. */
export function mayWrite({ permission }: AccountRecord): boolean {
  return permission === 'write' || permission === 'admin';
}

import { randomUUID } from 'node:crypto';
import type { Forge } from '../../../../activities/forges/forge.ts';
import type { IssueIdentity } from '../../../../activities/forges/identity.ts';
import type { PullDraft } from '../../../../activities/forges/pull.ts';
import { pullKey, type Key } from '../../../../activities/forges/key.ts';
import type { PullRequest } from '../../../../activities/forges/pull.ts';

/** The repository behind a forge, as a person with push rights works in it. */
export interface StageRemote {
  /** A commit on top of a branch (or of `main`, which makes the branch); `files`: texts by name, in the root. */
  commit(branch: string, message: string, files?: Readonly<Record<string, string>>): Promise<string>;
  /** Merges a branch into `main`, past the forge or as another account on it; the new tip. */
  merge(branch: string): Promise<string>;
  tip(branch: string): Promise<string>;
  /** Lets a branch name that commit. */
  point(branch: string, sha: string): Promise<void>;
}

/** One forge with the repository behind it. */
export interface ForgeStage {
  readonly forge: Forge;
  /** The same repository as another account that may write; left out: the forge has no accounts. */
  readonly other?: Forge;
  /** The same repository with a credential that the forge does not know. */
  readonly stranger?: Forge;
  readonly remote: StageRemote;
  /** Makes an issue that the forge knows. */
  newIssue(): Promise<IssueIdentity>;
  /** Edits title or body as a person does. Left out: nobody can here. */
  readonly editIssue?: (
    issue: IssueIdentity,
    text: { readonly title?: string; readonly body?: string },
  ) => Promise<void>;
  /** From now on `main` demands these statuses; none takes the rule back. Left out: the forge has no such rules. */
  readonly requireStatuses?: (contexts: readonly string[]) => Promise<void>;
  dispose(): Promise<void>;
}

/** An issue as a plan would name it. */
export function someIssue(): IssueIdentity {
  const key = `i-${randomUUID().slice(0, 8)}`;
  return { id: key, key, textHash: 'a'.repeat(64) };
}

/** A word that nothing else on the forge contains. */
export function unique(word: string): string {
  return `${word}-${randomUUID().slice(0, 8)}`;
}

/** Pushes one commit for an issue and drafts its pull request; the file has three lines. */
export async function draftFor(
  remote: Pick<StageRemote, 'commit'>,
  issue: IssueIdentity,
  file = fileOf(issue),
): Promise<PullDraft> {
  const branch = `millrace/${issue.key}-work`;
  const head = await remote.commit(branch, `work on ${issue.id}`, { [file]: `one\ntwo\nwork on ${issue.id}\n` });
  return { issue, branch, head, base: 'main', title: `Work on ${issue.id}`, body: `Words.\n\nCloses #${issue.id}` };
}

/** The file that the work on an issue adds. */
export function fileOf(issue: IssueIdentity): string {
  return `${issue.key}.txt`;
}

export interface Drafted {
  readonly issue: IssueIdentity;
  readonly key: Key;
  readonly draft: PullDraft;
}

/** What the facts about one forge are told with. */
export interface Scene {
  readonly stage: () => ForgeStage;
  readonly drafted: () => Promise<Drafted>;
  readonly opened: () => Promise<Drafted & { readonly pull: PullRequest }>;
}

export function createScene(stage: () => ForgeStage): Scene {
  const drafted = async () => {
    const issue = await stage().newIssue();
    return { issue, key: pullKey(issue.key), draft: await draftFor(stage().remote, issue) };
  };
  return {
    stage,
    drafted,
    opened: async () => {
      const work = await drafted();
      return { ...work, pull: (await stage().forge.ensurePull(work.key, work.draft)).value };
    },
  };
}

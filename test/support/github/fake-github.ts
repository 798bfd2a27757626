import type { ForgePlace } from '../../../workflows/domain/settings.ts';
import type { BareRemote } from '../git/bare-remote.ts';
import { addStatus, conclude } from './ci.ts';
import type { Faults } from './faults.ts';
import { commitOnto, type Files } from './files.ts';
import { lookAtIssue, lookAtPull, lookAtPulls, type PullFacts } from './looking.ts';
import { fireAutoMerges } from './merging.ts';
import { openFake, type FakeGithubOptions } from './opening.ts';
import { addComment, seedIssue, type IssueSeed } from './seeding.ts';
import type { Logged } from './server.ts';
import type { InlineRecord, IssueRecord, ReviewRecord, StatusRecord } from './state.ts';
import { addLabels, close, editText, tell } from './tracking.ts';
import { accountOf, forget, type Ci, type CiResult, type RepositorySettings } from './world.ts';

export type { FaultKind, FaultMoment } from './faults.ts';

/** GitHub as far as we use it: REST, GraphQL and git over HTTP on the loopback, over a real bare repository. */
export interface FakeGithub {
  /** As a browser has it: `http://127.0.0.1:PORT`. The API is under `/api/v3` and `/api/graphql`. */
  readonly url: string;
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly repo: string;
  readonly place: ForgePlace;
  /** For git, with any user and a token as password. */
  readonly remoteUrl: string;
  /** The same repository by plumbing. */
  readonly remote: BareRemote;
  readonly faults: Faults;
  /** Read with every request; tests may change them. */
  readonly settings: RepositorySettings;
  /** Every request, oldest first; tests may empty it. */
  readonly requests: Logged[];
  /** What the contract refused, of us or of the fake itself. */
  readonly violations: readonly string[];

  token(login: string): string;
  /** Id of an account, as the API tells it. */
  accountId(login: string): string;
  /** The new issue's number. */
  seedIssue(seed?: IssueSeed): number;
  /** What people do without us. */
  comment(number: number, author: string, body: string): void;
  addLabel(number: number, author: string, label: string): void;
  edit(number: number, change: { readonly title?: string; readonly body?: string }): void;
  /** Links a pull request to an issue in the browser. */
  link(pull: number, issue: number, author: string): void;
  closeIssue(number: number, author: string): void;
  /** A commit that writes files onto a branch, which begins at `main` where there is none. */
  commit(branch: string, files: Files, message?: string): Promise<string>;

  issue(number: number): IssueRecord;
  /** All, oldest first, as the branches are now. */
  pulls(): Promise<readonly PullFacts[]>;
  comments(number: number): readonly { readonly id: number; readonly author: string; readonly body: string }[];
  labels(number: number): readonly string[];
  reviews(number: number): readonly ReviewRecord[];
  inline(number: number): readonly InlineRecord[];
  /** Oldest first, all of each context. */
  statuses(sha: string): readonly StatusRecord[];

  onPush(ci: Ci): void;
  /** Ends a pending check of a commit, or sets a new one; merges what it makes ready. */
  conclude(sha: string, result: CiResult): Promise<void>;
  setStatus(sha: string, context: string, state: StatusRecord['state']): Promise<void>;
  /** Lets searching find what was written so far. */
  indexSearch(): void;
  /** Sets what is left of an account's requests. */
  limit(login: string, to: { readonly remaining: number; readonly resetsAt?: number }): void;

  /** Waits for effects that come after their faults, and follows the branches. */
  settled(): Promise<void>;
  /** Takes the violations out, for tests that provoke them. */
  takeViolations(): readonly string[];
  /** Forgets all that happened and was set, faults included, and sets `main` back; other branches go. Violations stay. */
  reset(): Promise<void>;
  /** Ends the servers and the repository. @throws Error with the violations, if there are any. */
  dispose(): Promise<void>;
}

/** Starts a GitHub of one's own; `dispose` it at the end. */
export async function createFakeGithub(options: FakeGithubOptions = {}): Promise<FakeGithub> {
  const at = await openFake(options);
  const { world, desk, faults, limits, requests, violations } = at;
  const { owner, name, origin, remote, settings } = world;
  const repo = `${owner}/${name}`;
  const [start, initial] = [await remote.tip('main'), { ...settings }];
  const who = (login: string) => accountOf(world, login);
  return {
    url: origin,
    apiUrl: `${origin}/api/v3`,
    repo,
    place: { url: origin, owner, name },
    remoteUrl: `${origin}/${repo}.git`,
    remote,
    faults,
    settings,
    requests,
    violations,

    token: (login) => who(login).token,
    accountId: (login) => String(who(login).id),
    seedIssue: (seed = {}) => seedIssue(world, seed),
    comment: (number, author, body) => addComment(world, lookAtIssue(world, number), { author: who(author), body }),
    addLabel: (number, author, label) =>
      addLabels(world, lookAtIssue(world, number), { actor: who(author), names: [label] }),
    edit: (number, change) => {
      const issue = lookAtIssue(world, number);
      editText(world, issue, { actor: issue.author, ...change });
    },
    link: (pull, number, author) => {
      const issue = lookAtIssue(world, number);
      issue.linked.push(pull);
      tell(world, issue, { event: 'connected', actor: who(author) });
    },
    closeIssue: (number, author) => close(world, lookAtIssue(world, number), { actor: who(author) }),
    commit: (branch, files, message = 'work') => commitOnto(remote, branch, { files, message }),

    issue: (number) => lookAtIssue(world, number),
    async pulls() {
      await desk.settled();
      return lookAtPulls(world);
    },
    comments: (number) =>
      lookAtIssue(world, number).comments.map(({ id, author, body }) => ({ id, author: author.login, body })),
    labels: (number) => lookAtIssue(world, number).labels,
    reviews: (number) => lookAtPull(world, number).pull.reviews,
    inline: (number) => lookAtPull(world, number).pull.inline,
    statuses: (sha) => world.state.statuses.filter((each) => each.sha === sha),

    onPush: (ci) => {
      world.ci = ci;
    },
    conclude: (sha, result) =>
      desk.serial(async () => {
        conclude(world, sha, result);
        await fireAutoMerges(world);
      }),
    setStatus: (sha, context, state) =>
      desk.serial(async () => {
        addStatus(world, {
          sha,
          context,
          state,
          description: null,
          url: null,
          creator: who(world.accounts[0]?.login ?? ''),
        });
        await fireAutoMerges(world);
      }),
    indexSearch: () => [...world.state.issues.values()].forEach((each) => (each.indexed = true)),
    limit: (login, to) => limits.set(who(login), to),

    settled: () => desk.settled(),
    takeViolations: () => violations.splice(0),
    async reset() {
      await desk.settled();
      faults.clear();
      limits.clear();
      requests.length = 0;
      Object.assign(settings, initial);
      world.ci = options.onPush ?? (() => []);
      await desk.serial(() => setBack(start));
    },
    async dispose() {
      await desk.settled();
      await at.close();
      if (violations.length > 0)
        throw new Error(`the contract was broken ${violations.length} times:\n${violations.join('\n')}`);
    },
  };

  async function setBack(to: string): Promise<void> {
    forget(world);
    const listed = await remote.git.run(['for-each-ref', '--format=delete %(refname)']);
    const others = listed.split('\n').filter((each) => each !== '' && each !== 'delete refs/heads/main');
    await remote.git.run(['update-ref', '--stdin'], {
      input: [...others, `update refs/heads/main ${to}`, ''].join('\n'),
    });
    world.state.tips.set('main', to);
  }
}

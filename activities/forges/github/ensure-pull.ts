import { ForgeError } from '../../failure/forge-error.ts';
import type { Ensured } from '../forge.ts';
import { staying, type PullDraft, type PullRequest } from '../pull.ts';
import { marked, type Key } from '../key.ts';
import { ensureOne } from '../http/ensure.ts';
import { mustHaveWork } from '../pushed.ts';
import { inOrder } from '../../host/in-order.ts';
import type { GithubContext } from './context.ts';
import { keyOf, pullRequest, pullsOfBranch } from './pulls.ts';
import * as schema from './api/schema.ts';

/** The one pull request of a branch; an adopted one is edited only if its title or base differs, and never reopened. */
export function ensurePull(github: GithubContext, key: Key, draft: PullDraft): Promise<Ensured<PullRequest>> {
  const { client } = github;
  const body = marked(key, draft.body);
  return inOrder(`${client.name} ${draft.branch} ${key}`, async () => {
    const me = await github.me();
    const find = async () => {
      const all = await pullsOfBranch(github, draft.branch);
      const ours = all.filter((each) => each.user.id === me.id && (keyOf(each, me) ?? key) === key);
      return bestFirst(ours);
    };
    const { value, created } = await ensureOne({
      find,
      create: async () => {
        await mustHaveWork(github.remote, draft);
        const { title, branch: head, base } = draft;
        return client
          .ask(schema.pull, (rest) => rest.pulls.create({ ...client.at, title, head, base, body }))
          .catch((error: unknown) => explained(github, draft, error));
      },
      numberOf: (made) => made.number,
      retire: async (others) => {
        for (const { number, state } of others)
          if (state === 'open')
            await client.ask(schema.pull, (rest) =>
              rest.pulls.update({ ...client.at, pull_number: number, state: 'closed' }),
            );
      },
    });
    const isAsWanted = value.state === 'closed' || (value.title === draft.title && value.base.ref === draft.base);
    if (created || isAsWanted) return { value: pullRequest(value, me), created };
    const { title, base } = draft;
    const edit = { ...client.at, pull_number: value.number, title, base };
    return { value: pullRequest(await client.ask(schema.pull, (rest) => rest.pulls.update(edit)), me), created };
  });
}

/** The one that stays, then the others. */
function bestFirst(pulls: readonly schema.PullAnswer[]): readonly schema.PullAnswer[] {
  const keep = staying(
    pulls.map((pull) => ({ pull, state: pull.merged_at === null ? pull.state : ('merged' as const) })),
  );
  return keep ? [keep.pull, ...pulls.filter(({ number }) => number !== keep.pull.number)] : [];
}

/** GitHub allows one open pull request per branch and base; if that one is not ours, a person has to decide. */
async function explained(github: GithubContext, draft: PullDraft, error: unknown): Promise<never> {
  if (error instanceof ForgeError && error.kind === 'already-exists') {
    const { id } = await github.me();
    const theirs = (await pullsOfBranch(github, draft.branch)).find(
      ({ state, user }) => state === 'open' && user.id !== id,
    );
    const who = `#${theirs?.number} of ${theirs?.user.login}`;
    if (theirs)
      throw new ForgeError('invalid', `${who} is open for ${draft.branch}: close it, or retry for a new branch`);
  }
  throw error;
}

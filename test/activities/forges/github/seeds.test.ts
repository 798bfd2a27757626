import { beforeAll, describe, expect, it } from 'vitest';
import { toFailure } from '../../../../activities/failure/failure.ts';
import { createGithubForge } from '../../../../activities/forges/github.ts';
import { ForgeError } from '../../../../activities/failure/forge-error.ts';
import type { Forge } from '../../../../activities/forges/forge.ts';
import { pullKey, reviewKey, statusKey } from '../../../../activities/forges/key.ts';
import type { Connection } from '../../../../activities/forges/http/connection.ts';
import { createRemoteReader } from '../../../../activities/git/remote.ts';
import { startProgramsBy } from '../../../../activities/process/program.ts';
import { createLauncher } from '../../../../worker/launcher.ts';
import { createFakeGithub, type FakeGithub } from '../../../support/github/fake-github.ts';
import { diceOf, seededFaults, type Dice } from '../../../support/github/seeded.ts';

// One issue on its way through GitHub under faults that a seed decides, at every endpoint; each step is repeated as
// Temporal repeats an activity, now and then by a worker that was started again and knows nothing.

const RUNS = 1000;
/** One alone, to be looked at. */
const only = process.env['MILLRACE_FAULT_SEED'];
/** Issues that share a repository before a new one is made: lists stay short, and git's work is done for all at once. */
const TOGETHER = 25;
/** Runs at the same time, since half of each is waiting for git. */
const LANES = 4;
/** Faults of one run; what stays broken for ever is not what this is about. */
const FAULTS = 8;

interface Ground {
  readonly fake: FakeGithub;
  readonly connection: Connection;
  /** Head of each branch `millrace/<index>-work`. */
  readonly heads: readonly string[];
}

async function openGround(): Promise<Ground> {
  const fake = await createFakeGithub({ settings: { mergeableLag: 0 } });
  const start = await fake.remote.tip('main');
  const commits = Array.from({ length: TOGETHER }, (_, index) => {
    const file = `M 100644 inline work-${index}.txt\ndata 4\none\n\n`;
    return `commit refs/heads/millrace/${index}-work\ncommitter a <a@b.invalid> 1700000000 +0000\ndata 5\nwork\n\nfrom ${start}\n${file}`;
  });
  await fake.remote.git.run(['fast-import', '--quiet'], { input: commits.join('') });
  const named = commits.map((_, index) => `refs/heads/millrace/${index}-work`);
  const heads = (await fake.remote.git.run(['rev-parse', '--end-of-options', ...named])).split('\n').slice(-TOGETHER);
  const { git, dir } = fake.remote;
  const connection: Connection = {
    place: fake.place,
    credential: { id: '0'.repeat(16), source: 'a test', token: async () => fake.token('millrace-bot') },
    pace: { turn: async () => undefined, learn: async () => undefined },
    remote: createRemoteReader({ mirror: async () => git, remote: dir }),
  };
  return { fake, connection, heads };
}

/** How a run ended: all steps done, or one of them refused for good. */
interface Run {
  readonly refused: string | null;
  readonly number: number;
}

async function run({ fake, connection, heads }: Ground, index: number, dice: Dice): Promise<Run> {
  const number = fake.seedIssue({ title: 'Wrong', body: 'Mend it.' });
  const issue = { id: String(number), key: String(number), textHash: 'a'.repeat(64), number };
  const [branch, head] = [`millrace/${index}-work`, heads[index] ?? ''];
  const draft = { issue, branch, head, base: 'main', title: `[#${number}] Wrong`, body: `Words.\n\nCloses #${number}` };
  const review = {
    sha: head,
    verdict: 'approved',
    body: 'Good.',
    inline: [{ key: 'finding/1', path: `work-${index}.txt`, line: 1, side: 'new', body: 'Nice.' }],
  } as const;
  const status = { context: 'millrace/review', state: 'success', text: 'approved' } as const;
  const order = { method: 'merge', sha: head, when: 'now', title: 'Land', message: '' } as const;
  const label = `millrace:in-progress-${index}`; // one that is not there yet, so that a seed means the same alone
  let pull = 0;
  const steps: readonly ((forge: Forge) => Promise<unknown>)[] = [
    (forge) => forge.label(issue, { add: [label], remove: [] }),
    async (forge) => (pull = (await forge.ensurePull(pullKey(issue.key), draft)).value.number),
    (forge) => forge.ensureComment(statusKey(issue.key), { issue }, 'in review'),
    (forge) => forge.setStatus(head, status),
    (forge) => forge.postReview(reviewKey({ pull, sha: head, round: 1 }), pull, review),
    async (forge) => {
      const threads = await forge.threads(pull);
      const answers = threads.map((thread) => ({ key: 'answer/1', thread, body: 'Done.' }));
      await forge.answerThreads(pull, answers);
    },
    (forge) => forge.label(issue, { add: [], remove: [label] }),
    async (forge) => expect(await forge.merge(pull, order)).toMatchObject({ kind: 'merged' }),
    (forge) => forge.ensureComment(statusKey(issue.key), { issue }, 'landed'),
  ];
  const worker = workerOf(connection, dice);
  fake.faults.choose(seededFaults(dice, FAULTS));
  let refused: string | null = null;
  for (const step of steps) {
    refused = await untilDone(worker, step);
    if (refused !== null) break;
  }
  fake.faults.choose(null);
  await fake.settled();
  return { refused, number };
}

/** The forge of a worker that is now and then a new one. */
function workerOf(connection: Connection, dice: Dice): () => Forge {
  let forge = createGithubForge(connection);
  return () => {
    if (dice() < 0.2) forge = createGithubForge(connection);
    return forge;
  };
}

/** Repeats a step as its policy would; the words of what will not be repeated. */
async function untilDone(worker: () => Forge, step: (forge: Forge) => Promise<unknown>): Promise<string | null> {
  const failures: string[] = [];
  while (failures.length <= FAULTS) {
    try {
      await step(worker());
      return null;
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error;
      failures.push(`${error.kind}: ${error.message}`);
      const failure = toFailure(error) as { readonly nonRetryable?: boolean | null };
      // A broken answer is asked for again a few times; a run has not more faults than that.
      if (failure.nonRetryable === true && error.kind !== 'response-invalid') return failures.at(-1) ?? '';
    }
  }
  return `never done: ${failures.join('; ')}`;
}

async function mustBeWhole({ fake, heads }: Ground, index: number, { number, refused }: Run): Promise<void> {
  if (refused !== null) throw new Error(refused);
  const branch = `millrace/${index}-work`;
  const pulls = (await fake.pulls()).filter((each) => each.branch === branch);
  expect(pulls).toMatchObject([{ state: 'merged', head: heads[index] }]);
  expect(fake.comments(number).map(({ body }) => body.split('\n')[0])).toEqual(['landed']);
  const [pull] = pulls;
  const reviews = fake.reviews(pull?.number ?? 0).filter(({ body }) => body !== ''); // an answer is a review without words
  expect(reviews.map(({ body }) => body.split('\n')[0])).toEqual(['Good.']);
  const remarks = fake.inline(pull?.number ?? 0);
  expect(remarks.map(({ replyTo }) => replyTo)).toEqual([null, remarks[0]?.id]);
  expect(remarks[0]?.resolved).toBe(true);
  expect(fake.labels(number)).toEqual([]);
  expect(fake.issue(number).state).toBe('closed');
  expect(new Set(fake.statuses(heads[index] ?? '').map(({ state }) => state))).toEqual(new Set(['success']));
}

/** Runs the seeds of one lane, one after the other, each group of them on a repository of its own. */
async function runLane(seeds: readonly number[]): Promise<Report> {
  const report: Report = { broken: [], faults: 0 };
  for (let first = 0; first < seeds.length; first += TOGETHER) {
    const ground = await openGround();
    const { requests } = ground.fake;
    for (const [index, seed] of seeds.slice(first, first + TOGETHER).entries()) {
      try {
        await mustBeWhole(ground, index, await run(ground, index, diceOf(seed)));
      } catch (error) {
        report.broken.push(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    report.faults += requests.filter(({ fault }) => fault !== null).length;
    await ground.fake.dispose();
  }
  return report;
}

interface Report {
  readonly broken: string[];
  faults: number;
}

describe('under faults that a seed decides', () => {
  beforeAll(() => {
    startProgramsBy(createLauncher()); // as in a worker: thousands of git processes are forked from a small one
  });

  it('an answer that was cut is not given again for as long as nothing changes', async () => {
    const { fake, connection } = await openGround();
    const forge = createGithubForge(connection);
    const number = fake.seedIssue({ title: 'Wrong' });
    fake.faults.add({ kind: 'truncated', moment: 'after', on: 'issues/get' });
    await expect(forge.issue(number)).rejects.toMatchObject({ kind: 'response-invalid' });
    expect(await forge.issue(number)).toMatchObject({ number, title: 'Wrong' });
    await fake.dispose();
  });

  it(`${RUNS} issues have one pull request, one status comment, one review, and no commit is lost`, async () => {
    const all = Array.from({ length: RUNS }, (_, index) => index + 1);
    const seeds = only === undefined ? all : [Number(only)];
    const lanes = Array.from({ length: LANES }, (_, lane) => seeds.filter((seed) => seed % LANES === lane));
    const reports = await Promise.all(lanes.map(runLane));
    expect(reports.flatMap(({ broken }) => broken)).toEqual([]);
    expect(reports.reduce((sum, { faults }) => sum + faults, 0)).toBeGreaterThan(seeds.length * 2);
  }, 600_000);
});

import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalForge } from '../../../activities/forges/local.ts';
import { ForgeError } from '../../../activities/failure/forge-error.ts';
import type { Forge } from '../../../activities/forges/forge.ts';
import { reviewContext } from '../../../workflows/domain/review.ts';
import { pullKey, reviewKey, statusKey } from '../../../activities/forges/key.ts';
import { createGit } from '../../../activities/git/git.ts';
import { createRecords } from '../../../activities/forges/local/records.ts';
import { createRemoteReader } from '../../../activities/git/remote.ts';
import { createBareRemote, type BareRemote } from '../../support/git/bare-remote.ts';
import { breakingAt, Killed } from '../../support/forge/breaking-records.ts';
import { draftFor, forgeBehaviour, someIssue } from '../../support/forge/forge-behaviour.ts';

interface Stage {
  readonly root: string;
  readonly records: string;
  readonly remote: BareRemote;
  readonly forge: Forge;
  /** As a new process would see it; `breakAt`: that process is killed around its nth write. */
  reopened(breakAt?: number): Forge;
  dispose(): Promise<void>;
}

async function openStage(): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-forge-'));
  const remote = await createBareRemote();
  const mirrorDir = join(root, 'mirror.git');
  await execa('git', ['init', '--quiet', '--bare', '--', mirrorDir]);
  const records = join(root, 'forge');
  const behind = createRemoteReader({ mirror: async () => createGit(mirrorDir), remote: remote.dir });
  const merge = async ({ sha }: { readonly sha: string }) => {
    const merged = await remote.mergeSha(sha).catch((error: unknown) => {
      throw new ForgeError('conflict', String(error));
    });
    return { kind: 'merged', sha: merged } as const;
  };
  const reopened = (breakAt?: number) => {
    const store = createRecords(records);
    return createLocalForge({
      records: breakAt === undefined ? store : breakingAt(store, breakAt),
      remote: behind,
      merge,
    });
  };
  const dispose = async () => {
    await rm(root, { recursive: true, force: true });
    await remote.dispose();
  };
  return { root, records, remote, forge: reopened(), reopened, dispose };
}

forgeBehaviour('the local forge', async () => ({ ...(await openStage()), newIssue: async () => someIssue() }));

describe('the local forge', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.dispose());

  it('another text under the same id is another issue', async () => {
    const issue = someIssue();
    const other = { ...issue, textHash: 'b'.repeat(64) };
    await stage.forge.ensurePull(pullKey(issue.key), await draftFor(stage.remote, issue));
    await stage.forge.closeIssue(issue, { why: 'completed', because: 'landed', sha: null });
    expect(await stage.forge.readIssue(other)).toMatchObject({ state: 'open', pulls: [] });
    await stage.forge.closeIssue(other, { why: 'completed', because: 'landed too', sha: null });
    expect(await stage.forge.readIssue(issue)).toMatchObject({ closedBecause: 'landed' });
    expect(await stage.forge.readIssue(other)).toMatchObject({ closedBecause: 'landed too' });
  });

  it('a branch that was set back to its base is not a merge', async () => {
    const issue = someIssue();
    const draft = await draftFor(stage.remote, issue);
    const { value } = await stage.forge.ensurePull(pullKey(issue.key), draft);
    await stage.remote.git.run(['update-ref', `refs/heads/${draft.branch}`, await stage.remote.tip('main')]);
    expect(await stage.forge.pull(value.number)).toMatchObject({ state: 'open' });
  });

  it('a branch that is gone keeps its pull request and its last head', async () => {
    const issue = someIssue();
    const draft = await draftFor(stage.remote, issue);
    const { value } = await stage.forge.ensurePull(pullKey(issue.key), draft);
    await stage.remote.git.run(['update-ref', '-d', `refs/heads/${draft.branch}`]);
    expect(await stage.forge.pull(value.number)).toMatchObject({ state: 'open', head: draft.head });
  });

  it('a merge is noticed although the mirror never saw the base move', async () => {
    const issue = someIssue();
    const draft = await draftFor(stage.remote, issue);
    const { value } = await stage.forge.ensurePull(pullKey(issue.key), draft);
    await stage.remote.merge(draft.branch);
    const mergeSha = await stage.remote.commit('main', 'somebody else went on');
    expect(await stage.reopened().pull(value.number)).toMatchObject({ state: 'merged', mergeSha });
    expect(await stage.reopened().pull(value.number)).toMatchObject({ state: 'merged', mergeSha });
  });

  it('sixty open pull requests are read with their heads and merges', async () => {
    const issue = someIssue();
    const draft = await draftFor(stage.remote, issue);
    await stage.forge.ensurePull(pullKey(issue.key), draft);
    const record = JSON.parse(await readFile(join(stage.records, 'pulls', '1.json'), 'utf8')) as object;
    const newer = await stage.remote.commit('newer', 'another push');
    const numbers = Array.from({ length: 59 }, (_, index) => index + 2);
    for (const number of numbers) {
      const branch = `millrace/other-${number}`;
      await writeFile(join(stage.records, 'pulls', `${number}.json`), JSON.stringify({ ...record, number, branch }));
    }
    const lines = numbers.map((number) => `update refs/heads/millrace/other-${number} ${newer}`);
    await stage.remote.git.run(['update-ref', '--stdin'], { input: `${lines.join('\n')}\n` });
    await stage.remote.merge(draft.branch);
    const pulls = await stage.reopened().pulls('all');
    expect(pulls.map((pull) => pull.number)).toEqual([1, ...numbers]);
    expect(new Set(pulls.slice(1).map((pull) => pull.head))).toEqual(new Set([newer]));
    expect(pulls.filter((pull) => pull.state === 'merged').map((pull) => pull.number)).toEqual([1]);
  });

  it('a remote out of reach is a network failure', async () => {
    const issue = someIssue();
    const draft = await draftFor(stage.remote, issue);
    await stage.forge.ensurePull(pullKey(issue.key), draft);
    await stage.remote.dispose();
    await expect(stage.forge.readIssue(issue)).rejects.toMatchObject({ kind: 'network' });
  });

  it('files are for their owner only, and nothing but records is left', async () => {
    const issue = someIssue();
    const draft = await draftFor(stage.remote, issue);
    await stage.forge.ensurePull(pullKey(issue.key), draft);
    await stage.forge.setStatus(draft.head, { context: 'ci', state: 'success', text: '' });
    await stage.forge.closeIssue(issue, { why: 'completed', because: 'x', sha: draft.head });
    const names = await readdir(stage.records, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files).toHaveLength(3);
    for (const file of files) expect((await stat(file)).mode & 0o777, file).toBe(0o600);
    for (const entry of names.filter((each) => each.isDirectory())) {
      expect((await stat(join(entry.parentPath, entry.name))).mode & 0o777).toBe(0o700);
    }
  });

  it.each(['', '{"version":1,"num', 'null', '{"version":2}', '[]', '\u0000'.repeat(64)])(
    'a record that reads %j is named, with what to do',
    async (text) => {
      await mkdir(join(stage.records, 'pulls'), { recursive: true });
      await writeFile(join(stage.records, 'pulls', '1.json'), text);
      const issue = someIssue();
      const problem = {
        kind: 'response-invalid',
        message: expect.stringMatching(/forge\/pulls\/1\.json .*move the file/),
      };
      await expect(stage.forge.readIssue(issue)).rejects.toMatchObject(problem);
    },
  );

  it('a copied record is not a second pull request', async () => {
    const issue = someIssue();
    await stage.forge.ensurePull(pullKey(issue.key), await draftFor(stage.remote, issue));
    const text = await readFile(join(stage.records, 'pulls', '1.json'), 'utf8');
    await writeFile(join(stage.records, 'pulls', '2.json'), text);
    await expect(stage.forge.pulls('all')).rejects.toMatchObject({ kind: 'response-invalid' });
  });

  it('foreign files in the folder are left alone', async () => {
    await mkdir(join(stage.records, 'pulls'), { recursive: true });
    for (const name of ['.DS_Store', '1.json.4711', '01.json', 'notes.json', '7.json.x.tmp']) {
      await writeFile(join(stage.records, 'pulls', name), 'x');
    }
    expect(await stage.forge.pulls('all')).toEqual([]);
  });

  it('two that were opened in the same moment become one: the older stays, the other says why it is closed', async () => {
    const issue = someIssue();
    const draft = await draftFor(stage.remote, issue);
    const key = pullKey(issue.key);
    await stage.forge.ensurePull(key, draft);
    const record: unknown = JSON.parse(await readFile(join(stage.records, 'pulls', '1.json'), 'utf8'));
    await writeFile(join(stage.records, 'pulls', '2.json'), JSON.stringify({ ...(record as object), number: 2 }));
    expect(await stage.reopened().ensurePull(key, draft)).toMatchObject({ value: { number: 1 }, created: false });
    const pulls = await stage.reopened().pulls('all');
    expect(pulls.map((pull) => pull.state)).toEqual(['open', 'closed']);
    expect(await readFile(join(stage.records, 'pulls', '2.json'), 'utf8')).toContain('#1 is the same work');
  });

  it.each(['../x', 'a/b', '', '.', 'a'.repeat(65)])('an issue key %j is no file name', async (key) => {
    const issue = { ...someIssue(), key };
    await expect(stage.forge.readIssue(issue)).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe('the local forge, killed around any of its writes', () => {
  it('has one pull request, one review and one comment when everything is done again', async () => {
    const finished: number[] = [];
    for (let at = 0; at < 40 && finished.length === 0; at += 1) {
      const stage = await openStage();
      const issue = someIssue();
      const draft = await draftFor(stage.remote, issue);
      const work = async (forge: Forge) => {
        const { value } = await forge.ensurePull(pullKey(issue.key), draft);
        const review = { sha: draft.head, verdict: 'approved', body: 'Good.' } as const;
        await forge.setStatus(draft.head, { context: reviewContext, state: 'success', text: 'approved' });
        await forge.postReview(reviewKey({ pull: value.number, sha: draft.head, round: 1 }), value.number, review);
        await forge.ensureComment(statusKey(issue.key), { issue }, 'done');
        await forge.closeIssue(issue, { why: 'completed', because: 'done', sha: draft.head });
      };
      const killed = await work(stage.reopened(at)).then(
        () => false,
        (error: unknown) => {
          expect(error).toBeInstanceOf(Killed);
          return true;
        },
      );
      if (!killed) finished.push(at);
      await work(stage.reopened());
      expect(await readdir(join(stage.records, 'pulls'))).toEqual(['1.json']);
      expect(await readdir(join(stage.records, 'issues'))).toHaveLength(1);
      const pull = JSON.parse(await readFile(join(stage.records, 'pulls', '1.json'), 'utf8')) as { reviews: unknown[] };
      expect(pull.reviews).toHaveLength(1);
      expect(await stage.forge.readIssue(issue)).toMatchObject({ state: 'closed' });
      await stage.dispose();
    }
    expect(finished).toEqual([10]); // five writes, killed before and after each
  });
});

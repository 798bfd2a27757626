import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { BatchView } from '../../../client/batch/view.ts';
import type { PaceView } from '../../../client/state/pace.ts';
import { agentRuns } from '../e2e/agent-log.ts';
import { createHome, type Home } from '../e2e/e2e.ts';
import { createForgeProject, type ForgeProject } from './forge-project.ts';
import { git, type Files } from '../git/user-repository.ts';

/** An issue as a person files it; the label tells nothing to us, unless a test says so. */
export interface FiledIssue {
  readonly title: string;
  readonly body: string;
  readonly labels?: readonly string[];
  /** `stranger`: somebody without write access. Default: the owner. */
  readonly by?: 'owner' | 'stranger';
  readonly closed?: boolean;
}

/** A repository on a forge, as a whole batch needs it and looks at it afterwards. */
export interface BatchForge {
  readonly kind: 'github' | 'gitea';
  readonly url: string;
  /** `owner/name` */
  readonly repo: string;
  /** Where it is cloned from, without credentials. */
  readonly remote: string;
  /** The variable that holds our account's token, and the token. */
  readonly credential: { readonly name: string; readonly token: string };
  /** Files that make the forge's CI fail while `broken.txt` says red. */
  readonly ciFiles: Files;
  /** The owner's first push, which makes `main`. */
  push(folder: string): Promise<void>;
  file(issue: FiledIssue): Promise<number>;
  /** A person's own open pull request for an issue. */
  openPull(issue: number): Promise<number>;
  pulls(): Promise<readonly SeenPull[]>;
  /** Ours, on an issue. */
  ownComments(issue: number): Promise<readonly string[]>;
  labels(issue: number): Promise<readonly string[]>;
  isOpen(issue: number): Promise<boolean>;
  reviews(pull: number): Promise<readonly SeenReview[]>;
  /** State of a context on a sha; null: it has none. */
  status(sha: string, context: string): Promise<string | null>;
  /** Requests of ours that changed something about an issue or its pull request; null: not counted here. */
  writes(issue: number, pull: number): number | null;
  dispose(): Promise<void>;
}

export interface SeenPull {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly branch: string;
  readonly head: string;
}

export interface SeenReview {
  readonly event: 'approve' | 'request-changes' | 'comment';
  readonly body: string;
  /** Inline comments. */
  readonly inline: number;
}

/** The whole batch on a forge through the real command line, server, worker and agents. */
export function forgeBatch(name: string, open: () => Promise<BatchForge>): void {
  describe.skipIf(inject('temporal') === null)(`a batch on ${name}`, { timeout: 600_000 }, () => {
    let home: Home;
    let forge: BatchForge;
    let project: ForgeProject;
    beforeAll(async () => {
      [home, forge] = await Promise.all([createHome(), open()]);
      project = await createForgeProject(home, forge, { policy: 'merge', branches: ['main'], deleteBranch: false });
    });
    afterAll(async () => {
      await home.remove();
      await forge.dispose();
    });

    test('ends each of eight issues as it deserves', async () => {
      const { clone, env } = project;
      const plain = await forge.file({
        title: 'Add a\nplain `--file` \u202eof text',
        body: project.writing('plain.txt'),
      });
      const second = await forge.file({
        title: 'Add the second file',
        body: `Needs the first.\n\nDepends on #${plain}\n\n${project.script({ implement: { requires: ['plain.txt'], write: { 'second.txt': 'x\n' } } })}`,
        labels: ['priority:high'],
      });
      const taken = await forge.file({ title: 'Somebody is at it', body: project.writing('taken.txt') });
      const pull = await forge.openPull(taken);
      const closed = await forge.file({ title: 'Long done', body: project.writing('closed.txt'), closed: true });
      const strange = await forge.file({ title: 'Add my file', body: project.writing('strange.txt'), by: 'stranger' });
      const red = await forge.file({
        title: 'Break CI once',
        body: project.script({
          implement: { write: { 'broken.txt': 'red\n' } },
          fix: { write: { 'broken.txt': 'green\n' } },
        }),
      });
      const rounds = await forge.file({
        title: 'Take two rounds',
        body: project.script({
          implement: { write: { 'rounds.txt': 'one\n' } },
          review: [
            { end: 'needs-work', findings: [{ file: 'rounds.txt', line: 1, severity: 'major', body: 'say two' }] },
            { end: 'approved', resolved: true },
          ],
          fix: { write: { 'rounds.txt': 'two\n' } },
        }),
      });
      const last = await forge.file({ title: 'Add a last file', body: project.writing('last.txt') });
      const numbers = [plain, second, taken, closed, strange, red, rounds, last];

      const ran = await home.run(['start-batch', ...numbers.map(String), '-C', clone, '--json'], {
        env,
        withinMs: 500_000,
      });
      const view = ran.json<BatchView>();
      const outcomeOf = (number: number) => view.issues.find(({ id }) => id === String(number))!;
      const landed = [plain, second, red, rounds, last];
      expect(Object.fromEntries(view.issues.map(({ id, outcome }) => [id, outcome])), ran.err).toEqual(
        Object.fromEntries(numbers.map((each) => [each, landed.includes(each) ? 'landed' : 'skipped'])),
      );
      expect(ran.code).toBe(0);
      expect(outcomeOf(taken).reason).toContain(`#${pull}`);
      expect(outcomeOf(closed).reason).toMatch(/closed/);
      expect(outcomeOf(strange).reason).toMatch(/write access|may not start work/);

      const pulls = await forge.pulls();
      const ours = pulls.filter((each) => each.number !== pull);
      expect(ours).toHaveLength(landed.length);
      for (const number of landed) {
        const own = ours.filter((each) => each.body.split('\n').includes(`Closes #${number}`));
        expect(own, `pull requests of #${number}`).toHaveLength(1);
        const [made] = own as [SeenPull];
        expect(made.title).toMatch(new RegExp(`^\\[#${number}\\] \\S`));
        expect(made.state).toBe('merged');
        expect(made.branch).toMatch(new RegExp(`^millrace/${number}-[a-z0-9-]+$`));
        expect(made.body.match(/<!-- millrace-key: /g)).toHaveLength(1);
        expect(await forge.status(made.head, 'millrace/review')).toBe('success');
        expect(await forge.isOpen(number)).toBe(false);
        expect(await forge.labels(number)).not.toContain('millrace:in-progress');
        const comments = await forge.ownComments(number);
        expect(comments).toHaveLength(1);
        expect(comments[0]).toContain('**landed**');
      }
      const pullOf = (number: number) => ours.find((each) => each.body.includes(`Closes #${number}\n`))!;
      // Our own pull request: the verdict is a comment, and the status says it for machines.
      expect((await forge.reviews(pullOf(plain).number)).map(({ event }) => event)).toEqual(['comment']);
      const twice = await forge.reviews(pullOf(rounds).number);
      expect(twice.filter(({ body }) => body.includes('needs work'))).toHaveLength(1);
      expect(twice.filter(({ body }) => body.includes('approved'))).toHaveLength(1);
      expect(twice.reduce((sum, { inline }) => sum + inline, 0)).toBe(1);
      const runs = agentRuns(project.log);
      expect(runs.filter(({ issue, role }) => issue === String(red) && role === 'fix')).toHaveLength(1);
      expect(runs.filter(({ issue }) => [taken, closed, strange].map(String).includes(issue))).toEqual([]);

      await project.fetchMain();
      const files = (await git(clone, 'ls-tree', '-r', '--name-only', 'FETCH_HEAD')).split('\n');
      expect(files).toEqual(
        expect.arrayContaining(['plain.txt', 'second.txt', 'broken.txt', 'rounds.txt', 'last.txt']),
      );
      expect(await git(clone, 'show', 'FETCH_HEAD:broken.txt')).toBe('green');

      const writes = forge.writes(last, pullOf(last).number);
      // Label, pull request, status, review, comment, label again; and the merge.
      if (writes !== null) expect(writes).toBeLessThanOrEqual(7);
      const again = await home.run(['start-batch', String(last), '-C', clone, '--json'], { env });
      expect(again.json<BatchView>().issues[0]).toMatchObject({ outcome: 'skipped' });
    });

    test('leaves no token on disk', async () => {
      expect(await filesWith(home.state, forge.credential.token)).toEqual([]);
    });

    test('shows what is left of the credential', async () => {
      const ran = await home.run(['status', '--json'], { env: project.env });
      const { limits } = ran.json<{ limits: readonly PaceView[] }>();
      // Other suites ask the same server as other accounts.
      const busy = limits.filter(({ writesLastHour }) => writesLastHour > 10);
      const ours = { server: new URL(forge.url).origin, source: forge.credential.name };
      expect(busy).toContainEqual(expect.objectContaining(ours));
      const words = await home.run(['status'], { env: project.env });
      expect(words.out).toMatch(/writes in the last hour/);
    });

    test('refuses what cannot be, before anything starts', async () => {
      const { clone, env } = project;
      const ran = await home.run(['start-batch', '999999', '-C', clone], { env });
      expect(ran.code).toBe(2);
      expect(ran.err).toContain('999999');
      const anonymous = await home.run(['start-batch', '1', '-C', clone], {
        env: { [forge.credential.name]: '', PATH: '/usr/bin:/bin', HOME: home.root },
      });
      expect(anonymous.code).not.toBe(0);
      expect(anonymous.err).toContain(forge.credential.name);
    });
  });
}

/** Files below a folder that contain a text; Temporal's database is among them. */
async function filesWith(folder: string, text: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}

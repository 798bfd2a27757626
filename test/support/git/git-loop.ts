import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createArtifactStore } from '../../../activities/repository/artifact.ts';
import { openMirror } from '../../../activities/git/mirror.ts';
import { commitWork } from '../../../activities/worktree/commit-work.ts';
import { openPair } from '../../../activities/worktree/pair.ts';
import { openWorktrees } from '../../../activities/worktree/worktree.ts';
import { repairWorktrees } from '../../../activities/worktree/repair.ts';
import { repositoryLayout } from '../../../workflows/domain/host/layout.ts';
import type { Settings } from '../../../workflows/domain/settings.ts';
import { git } from './repository.ts';

// A worker that does nothing but git, to be killed at any moment: it repairs, then makes worktrees, edits and commits
// in them as an agent would, keeps the work, and writes down each commit that it was told is kept.

/** What such a worker is started with, as JSON. */
export interface GitLoop {
  readonly settings: Settings;
  /** Folder of the repository's state. */
  readonly root: string;
  readonly base: string;
  readonly keys: readonly string[];
  /** One line for each kept commit: issue, ref, sha. */
  readonly log: string;
}

const loop = JSON.parse(process.argv[2] ?? '') as GitLoop;
const layout = repositoryLayout(loop.root);
const repository = { key: 'test', settings: loop.settings, layout, artifacts: createArtifactStore(layout) };

const report = (step: string) => void process.stdout.write(`${step}\n`);

report('ready');
await new Promise((resolve) => createInterface(process.stdin).once('line', resolve));
await repairWorktrees(repository, new Set(loop.keys));
report('repaired');
const mirror = await openMirror(repository);
await Promise.all([mirror.fetchBase(), ...loop.keys.map(workOn)]);

async function workOn(key: string): Promise<void> {
  const branch = `millrace/${key}`;
  const worktrees = await openWorktrees(repository);
  for (let turn = 0; turn < 100; turn += 1) {
    const { path, head } = await worktrees.ensureWorktree({ key, branch, start: loop.base });
    report(`made ${key}`);
    const attempt = (await mirror.lastAttempt(key)) + 1;
    if (turn % 2 === 1) commitAsAgent(path, attempt);
    for (let file = 0; file < 20; file += 1) writeFileSync(join(path, `f${file}.txt`), `${attempt} ${file}`);
    report(`edited ${key}`);
    const message = `attempt ${attempt}`;
    const work = await commitWork(await openPair(repository), {
      key,
      attempt,
      branch,
      start: loop.base,
      head,
      message,
    });
    appendFileSync(loop.log, `${key} ${work.ref} ${work.head}\n`);
    report(`kept ${key}`);
    if (turn % 5 === 4) await worktrees.removeWorktree(key);
  }
}

function commitAsAgent(path: string, attempt: number): void {
  writeFileSync(join(path, 'own.txt'), `${attempt}`);
  git(path, 'add', 'own.txt');
  git(path, 'commit', '--quiet', '-m', 'by the agent');
}

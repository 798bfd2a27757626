import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createArtifactStore } from '../../activities/repository/artifact.ts';
import { openMirror } from '../../activities/git/mirror.ts';
import type { Repository } from '../../activities/repository/repository.ts';
import { openWorktrees } from '../../activities/worktree/worktree.ts';
import { loadConfig } from '../../client/config/load.ts';
import { repositoryLayout } from '../../workflows/domain/host/layout.ts';
import { git } from '../support/git/repository.ts';
import { median } from './figures.ts';
import { makeGround, writeConfig, type Ground } from './ground.ts';

const counts = [1, 5, 10, 20] as const;

type Count = (typeof counts)[number];

/** Ratio of the time to set up so many worktrees of a 5,000-file repository to that of a loop of `git worktree add`. */
export async function measureWorktrees(rounds: number): Promise<Record<`${Count}`, number>> {
  const ground = makeGround({ files: 5_000, bytes: 4_000 });
  try {
    const repository = await openRepository(ground);
    await (await openMirror(repository)).fetchBase();
    git(ground.root, 'clone', '--quiet', '--bare', '--shared', ground.origin, join(ground.root, 'loop.git'));
    const ratios: Record<Count, number[]> = { 1: [], 5: [], 10: [], 20: [] };
    for (let round = 0; round < rounds; round++) {
      for (const count of shuffled(counts)) {
        ratios[count].push(await ratioOf({ ground, repository, count, turn: `r${round}n${count}` }));
      }
    }
    return { '1': median(ratios[1]), '5': median(ratios[5]), '10': median(ratios[10]), '20': median(ratios[20]) };
  } finally {
    ground.remove();
  }
}

interface Setting {
  readonly ground: Ground;
  readonly repository: Repository;
  readonly count: Count;
  /** In every name: nothing is deleted before the end, since some file systems are slow for minutes after it. */
  readonly turn: string;
}

async function ratioOf(setting: Setting): Promise<number> {
  const ms = { ours: 0, loop: 0 };
  for (const method of shuffled(['ours', 'loop'] as const)) {
    execFileSync('sync'); // else one method writes out what the other left in memory
    ms[method] = method === 'ours' ? await ours(setting) : loop(setting);
  }
  return ms.ours / ms.loop;
}

async function ours({ ground, repository, count, turn }: Setting): Promise<number> {
  const worktrees = await openWorktrees(repository);
  const keys = Array.from({ length: count }, (_, index) => `${turn}-${index}`);
  const startedAt = performance.now();
  await Promise.all(
    keys.map((key) => worktrees.ensureWorktree({ key, branch: `millrace/${key}`, start: ground.base })),
  );
  const ms = performance.now() - startedAt;
  for (const key of keys) {
    const changed = git(repository.layout.worktree(key), 'status', '--porcelain');
    if (changed !== '') throw new Error(`the worktree of ${key} is not clean:\n${changed.slice(0, 500)}`);
  }
  return ms;
}

function loop({ ground, count, turn }: Setting): number {
  const add = `git worktree add --quiet --no-track -b ${turn}-$i ../loop/${turn}-$i ${ground.base}`;
  const cwd = join(ground.root, 'loop.git');
  const startedAt = performance.now();
  execFileSync('sh', ['-e', '-c', `for i in $(seq ${count}); do ${add}; done`], { cwd });
  const ms = performance.now() - startedAt;
  rmSync(join(cwd, 'worktrees'), { recursive: true }); // git reads the entries of all worktrees before it adds one
  return ms;
}

async function openRepository(ground: Ground): Promise<Repository> {
  const configFile = writeConfig(ground, 0);
  const given = { repositoryPath: ground.user, configFile, env: process.env, overrides: {} };
  const { settings } = await loadConfig(given);
  const layout = repositoryLayout(join(ground.root, 'repository'));
  return { key: settings.repository.key, settings, layout, artifacts: createArtifactStore(layout) };
}

function shuffled<T>(values: readonly T[]): readonly T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

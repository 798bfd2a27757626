import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { git } from '../support/git/repository.ts';

/** A repository with a bare origin beside it, in a temporary folder of its own. */
export interface Ground {
  readonly root: string;
  /** The user's clone, `main` checked out. */
  readonly user: string;
  readonly origin: string;
  /** Tip of `main`. */
  readonly base: string;
  remove(): void;
}

export interface GroundSize {
  readonly files: number;
  /** Mean size of a file; they lie between a half and one and a half of it. */
  readonly bytes: number;
}

/** Files in a folder of a source tree. */
const FOLDER = 50;

/** Makes one, with the benchmark's agent in `tools/`. */
export function makeGround(size: GroundSize): Ground {
  const root = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const [user, origin] = [join(root, 'user'), join(root, 'origin.git')];
  git(root, 'init', '--quiet', '--bare', '--initial-branch=main', origin);
  git(root, 'init', '--quiet', '--initial-branch=main', user);
  const random = createRandom(size.files);
  for (let index = 0; index < size.files; index++) {
    const path = join(user, `packages/p${Math.floor(index / FOLDER)}`, `file${index % FOLDER}.txt`);
    if (index % FOLDER === 0) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, prose(random, size.bytes * (0.5 + random())));
  }
  mkdirSync(join(user, 'tools'));
  cpSync(join(import.meta.dirname, 'agent.sh'), join(user, 'tools', 'agent.sh'));
  git(user, 'add', '--all');
  git(user, 'commit', '--quiet', '--message', 'sample');
  git(user, 'remote', 'add', 'origin', origin);
  git(user, 'push', '--quiet', 'origin', 'main');
  const base = git(user, 'rev-parse', 'HEAD');
  return { root, user, origin, base, remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Writes a configuration whose agent takes so many seconds for a run; its path. */
export function writeConfig(ground: Ground, seconds: number): string {
  const profile = `{ agent: command, run: [sh, tools/agent.sh, '${seconds}'] }`;
  const roles = 'roles: { implement: sh, fix: sh, review: sh, resolve: sh, triage: sh }';
  const path = join(ground.root, 'millrace.yaml');
  writeFileSync(path, `version: 1\nprofiles:\n  sh: ${profile}\n${roles}\n`);
  return path;
}

/** The same numbers each time (mulberry32), so that every run of the benchmark works on the same files. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Text that compresses about as well as source code does. */
function prose(random: () => number, bytes: number): string {
  const lines: string[] = [];
  for (let length = 0; length < bytes;) {
    const words = Array.from({ length: 8 }, () => Math.floor(random() * 4096).toString(36));
    const line = `  const ${words.join(' + ')};`;
    lines.push(line);
    length += line.length + 1;
  }
  return `${lines.join('\n')}\n`;
}

import { readFileSync } from 'node:fs';

/** One line that a program or a hook of the kill tests wrote; see `program.mjs`. */
export type LogEntry =
  | (ProgramEntry & { readonly what: 'start'; readonly resumed: boolean })
  | (ProgramEntry & { readonly what: 'seen'; readonly beside: readonly Beside[]; readonly agents: number })
  | (ProgramEntry & { readonly what: 'commit'; readonly sha: string })
  | (ProgramEntry & { readonly what: 'child'; readonly child: number; readonly childStarted: string })
  | (ProgramEntry & { readonly what: 'problem'; readonly problem: string })
  | (ProgramEntry & { readonly what: 'end' })
  | HookEntry;

interface ProgramEntry {
  readonly kind: 'agent' | 'setup' | 'check';
  readonly issue: string;
  readonly worktree: string;
  readonly role: 'implement' | 'fix' | 'review' | null;
  readonly attempt: number;
  readonly round: number;
  readonly session: string | null;
  readonly pid: number;
  /** Ticks since boot. */
  readonly started: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Another program that lived when one of the same issue started. */
export interface Beside {
  readonly kind: string;
  readonly issue: string;
  readonly pid: number;
}

interface HookEntry {
  readonly kind: 'hook';
  readonly what: 'pre-receive' | 'post-receive';
  readonly ref: string;
  readonly sha: string;
  readonly at: number;
}

/** All that the programs told so far. */
export function readLog(path: string): readonly LogEntry[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1); // the last one may be under way
  return lines.map((line) => JSON.parse(line) as LogEntry);
}

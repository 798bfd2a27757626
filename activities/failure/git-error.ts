import type { FailureType } from '../../workflows/domain/failure.ts';

/** Commands that talk to a remote: when one of them does not finish, the forge is at fault, not this disk. */
export const remoteCommands: ReadonlySet<string | undefined> = new Set(['fetch', 'push', 'ls-remote']);

/** What git answered: its exit code and both streams, without their last newline. */
export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Where the credential for the server was found; left out: there was none. */
  readonly shown?: string;
}

/** Git said no: what was run, where, and git's own words. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly exitCode: number;
  readonly stderr: string;

  constructor(args: readonly string[], dir: string, answer: GitAnswer) {
    super(`git ${args.join(' ').slice(0, 200)} in ${dir} ended with ${answer.exitCode}: ${gitWords(answer)}`);
    this.exitCode = answer.exitCode;
    this.stderr = answer.stderr;
  }
}

/** Git died or timed out: not a no, which would leave work out or do it twice. */
export class GitUnanswered extends Error {
  override readonly name: FailureType;

  constructor(args: readonly string[], dir: string, problem: string) {
    super(`git ${args.join(' ').slice(0, 200)} in ${dir} came to no end: ${problem}`);
    this.name = remoteCommands.has(args[0]) ? 'ForgeUnavailable' : 'WorktreeBroken';
  }
}

/** What git's answers mean to us; the value is the failure that a workflow sees. */
const failureOf = {
  'base-missing': 'RepositoryUnknown',
  'remote-unreachable': 'ForgeUnavailable',
  'push-rejected': 'PushRejected',
  'history-rewritten': 'WorktreeConflict',
  'work-refused': 'WorktreeConflict',
} as const satisfies Record<string, FailureType>;

/** Something that git reported and that we have a name for; `name` is the failure's type. */
export class GitFailure extends Error {
  override readonly name: FailureType;
  readonly details: { readonly kind: keyof typeof failureOf };

  constructor(kind: keyof typeof failureOf, message: string) {
    super(message);
    this.name = failureOf[kind];
    this.details = { kind };
  }
}

/** The end of what git said, for messages: of standard error, or else of standard output. */
export function gitWords(answer: GitAnswer): string {
  return answer.stderr.trim().slice(-1500) || answer.stdout.trim().slice(-500) || 'no output';
}

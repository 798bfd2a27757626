import type { AttemptInput } from '../../workflows/domain/attempt.ts';

/** The first paragraph of a prompt: who the agent is and what is wanted of it now. */
export function askFor({ ask, role, round, base, branch }: AttemptInput): string {
  const place = `The branch is \`${branch}\`, it starts at ${base.start.slice(0, 12)} of \`${base.branch}\`.`;
  switch (ask.kind) {
    case 'implement':
      return role === 'resolve'
        ? `You resolve conflicts. Bring the work on this branch together with \`${base.branch}\` (${base.sha}), keeping what both wanted. ${place}`
        : `You implement one issue, completely: code, tests and documentation as far as it asks for them. ${place}`;
    case 'push-back':
      return `You ended without changing anything. ${ask.words}\n\nThe issue is below once more. ${place}`;
    case 'fix-checks':
      return `Your work is committed, but the repository's checks fail on it. Find the cause and mend it; do not weaken or skip a check. ${place}`;
    case 'fix-review':
      return `A reviewer asked for changes (round ${round}). Address every finding; where one is wrong, leave the code and say why in your summary. ${place}`;
    case 'review':
      return reviewAsk(ask.earlier === null ? null : ask.since, { place, start: base.start, round });
    case 'review-again':
      return `Your verdict could not be read: ${ask.problem}. Give it once more, in exactly the form that is asked for at the end. ${place}`;
    case 'continue':
      return `Go on where you stopped. Look at what the branch and the worktree hold already, and finish the issue. ${place}`;
  }
}

interface Reviewed {
  readonly place: string;
  readonly start: string;
  readonly round: number;
}

function reviewAsk(since: string | null, { place, start, round }: Reviewed): string {
  const first = `You review the work on one issue (round ${round}). ${place} The work is \`git diff ${start} HEAD\`.`;
  if (since === null) return `${first} Read it against the issue, and look at the code around it.`;
  return `${first} What changed since your last review is \`git diff ${since} HEAD\`.

Your earlier findings are below. Judge each of them: resolved, or not. Repeat as findings only those that are not resolved. A new finding counts only where it is on lines that this change touched; mention anything else in the summary.`;
}

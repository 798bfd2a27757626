import type { Role } from '../../workflows/domain/settings.ts';

/** The seeds' critical rules, for roles that change the worktree. */
const writing = `Rules:
- Work only in the current folder. It is a git worktree on a branch of its own.
- Never run \`git push\`, and open no pull request: that is done for you, after the checks.
- Never use \`--no-verify\`; when a hook fails, mend what it complains about.
- Never use \`git add -A\` or \`git add .\`: add the files that belong to this issue, by name.
- Change only what this issue needs. No secrets, caches or build products.
- Commit your work with a conventional message (\`type(scope): description\`), or leave it uncommitted: both are kept.
- Do not switch branches, rewrite commits that were there before you, or touch other worktrees.
- Work on your own to the end; nobody answers questions. Where you had to decide, say so in the summary.`;

const reading = `Rules:
- Change nothing. This worktree is a copy that is thrown away; you may run programs and tests in it.
- Judge what the diff does, not what its author says about it.
- A finding is something that has to change before this can be merged: a defect, a missed part of the issue, a missing test. Leave out matters of taste.`;

/** What an agent must and must not do in a role. */
export function rulesFor(role: Role): string {
  switch (role) {
    case 'implement':
    case 'fix':
    case 'resolve':
      return writing;
    case 'review':
    case 'triage':
      return reading;
  }
}

import picomatch from 'picomatch';
import type { LandInput } from '../../workflows/domain/forge/delivery.ts';
import { shellWord } from '../../workflows/domain/host/shell.ts';
import { forgeErrors } from '../../workflows/domain/forge/error-kind.ts';
import type { LandingRules } from '../../workflows/domain/settings.ts';
import { ForgeError } from '../failure/forge-error.ts';
import { changedFiles } from '../git/proposed.ts';
import { inCode } from './harmless.ts';
import type { IssueFound } from './lookup.ts';

/** Why work does not land by itself, and what a person types to land it. */
export interface Forbidden {
  readonly reason: string;
  readonly command: string;
}

/** Work on its way into a base, and the rules of the landing policy. */
export interface ProposedLanding {
  readonly input: LandInput;
  readonly base: string;
  readonly rules: LandingRules;
  /** Names the work, for people. */
  readonly what: string;
}

/** What in the landing policy keeps work out of a base; null: nothing does. */
export async function forbiddenBy(
  { repository, issue }: IssueFound,
  { input, base, rules, what }: ProposedLanding,
): Promise<Forbidden | null> {
  if (!rules.branches.includes(base)) {
    const named = rules.branches.join(', ');
    const reason = `${what} goes into ${inCode(base)}, and the landing policy names ${named} only`;
    return { reason, command: howToResume(issue.id) };
  }
  if (input.accepted || rules.protect.length === 0) return null;
  const isProtected = picomatch([...rules.protect], { dot: true, nocase: true });
  const files = await changedFiles(repository, { base, head: input.head });
  const touched = files.filter((file) => isProtected(file));
  if (touched.length === 0) return null;
  const shown = touched.slice(0, 5).map((file) => inCode(file));
  const more = touched.length > shown.length ? ` and ${touched.length - shown.length} more` : '';
  const reason = `it touches protected paths (${shown.join(', ')}${more}): look at them yourself`;
  return { reason, command: `${howToResume(issue.id)} --accept` };
}

/** A merge that the forge refused, as something that a person can mend. @throws the error itself where a person cannot. */
export function blockedBy(error: unknown, id: string): { readonly kind: 'blocked'; readonly reason: string } {
  if (!(error instanceof ForgeError) || !forgeErrors[error.kind].refusesMerge) throw error;
  return { kind: 'blocked', reason: `the forge does not merge ${id}: ${error.message}` };
}

/** What a person types to let an issue go on. */
export function howToResume(id: string): string {
  return `millrace resume ${shellWord(id)}`;
}

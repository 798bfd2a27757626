import { dependencyNumbers } from '../workflows/domain/selection.ts';
import { visibleText } from './clean-text.ts';
import type { Forge, ForgeIssue } from './forges/forge.ts';
import { unless } from './forges/http/unless.ts';
import { Refused } from './refusal.ts';

/** What has to be done before an issue. */
export interface Blockers {
  /** Numbers of issues of the selection, or of the batch that it is added to. */
  readonly inside: readonly number[];
  /** The first one that is open and not of the selection, in words; null: there is none. */
  readonly outside: string | null;
}

type Readable = Pick<Forge, 'issue' | 'pull' | 'blockedBy'>;

/** Finds what blocks issues of a selection; what is outside of it is asked for once. @throws Refused for numbers that do not exist. */
export function createBlockers(
  forge: Readable,
  selection: { readonly numbers: ReadonlySet<number>; readonly keepsDependencies: boolean },
): (issue: ForgeIssue) => Promise<Blockers> {
  const known = new Map<number, Promise<'open' | 'done' | 'absent'>>();
  const standing = (number: number) => {
    const answer = known.get(number) ?? standingOf(forge, number);
    known.set(number, answer);
    return answer;
  };
  return async (issue) => {
    const told = selection.keepsDependencies ? await forge.blockedBy(issue.number) : [];
    const all = [...new Set([...dependencyNumbers(visibleText(issue.body)), ...told])];
    const inside = all.filter((number) => selection.numbers.has(number));
    let outside: string | null = null;
    for (const number of all) {
      if (selection.numbers.has(number)) continue;
      const its = await standing(number);
      if (its === 'absent') throw absent(issue.number, number);
      if (its === 'open') outside ??= `it waits for #${number}, which is open and not among these`;
    }
    return { inside, outside };
  };
}

/** A pull request counts, too: people write its number where they mean the work. */
async function standingOf(forge: Readable, number: number): Promise<'open' | 'done' | 'absent'> {
  const issue = await forge.issue(number).catch(unless('not-found'));
  if (issue) return issue.state === 'open' ? 'open' : 'done';
  const pull = await forge.pull(number).catch(unless('not-found'));
  if (!pull) return 'absent';
  return pull.state === 'open' ? 'open' : 'done';
}

function absent(issue: number, number: number): Refused {
  const what = `#${issue} depends on #${number}, which does not exist`;
  return new Refused([{ where: `#${issue}`, what, mend: `correct its text or its dependencies on the forge` }]);
}

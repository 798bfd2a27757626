import { forgeFacts } from '../../workflows/domain/forge-facts.ts';
import type { MergeMethod, Settings } from '../../workflows/domain/settings.ts';
import type { Problem } from '../input/errors.ts';
import { quote } from '../input/text.ts';
import type { WhereWritten } from './reading.ts';
import { withoutCredentials, type Remote } from './repository/remote.ts';

/** What the format allows but this version cannot do yet; a new feature removes its line here. */
export function availabilityProblems(settings: Settings, remote: Remote, where: WhereWritten): readonly Problem[] {
  return [...landingProblems(settings, where), ...forgeProblems(remote, where), ...sandboxProblems(settings, where)];
}

/** Profiles that a role names, and what those fall back to; without names that stand for no profile. */
export function usedProfiles({ roles, profiles }: Pick<Settings, 'roles' | 'profiles'>): readonly string[] {
  const used = new Set(Object.values(roles).flat());
  // The set grows while the loop walks it, so fallbacks of fallbacks are found too.
  for (const name of used) {
    const fallback = profiles[name]?.fallback;
    if (fallback) used.add(fallback);
  }
  return [...used].filter((name) => Object.hasOwn(profiles, name));
}

function landingProblems(settings: Settings, where: WhereWritten): readonly Problem[] {
  const { landing, forge, landingRules } = settings;
  switch (landing) {
    case 'none':
      return [];
    case 'direct':
      return [...branchProblems(settings, where), ...methodProblems(landingRules?.method, '`direct`', where)];
    case 'merge':
      return [
        ...branchProblems(settings, where),
        ...(forgeFacts[forge].mergeCommitsOnly
          ? methodProblems(landingRules?.method, `the ${forge} forge`, where)
          : []),
      ];
    case 'auto-merge':
      if (forgeFacts[forge].autoMerge !== 'none') return branchProblems(settings, where);
      return [
        {
          where: where(['landing']),
          what: `landing: \`auto-merge\` needs a forge with a server, and this repository has the ${forge} one`,
          mend: 'write `landing: merge`: approved work is merged as soon as its checks are green',
        },
      ];
    case 'consolidated':
      return [
        {
          where: where(['landing']),
          what: 'landing: this version does not know `consolidated` yet',
          mend: 'write `landing: none` (a person merges), `merge` (merged when CI is green) or `direct` (merged at once, without a pull request)',
        },
      ];
  }
}

/** A policy that may not land on the base would hand every issue to a person. */
function branchProblems({ landingRules, repository }: Settings, where: WhereWritten): readonly Problem[] {
  const { base } = repository;
  if (!landingRules || landingRules.branches.includes(base)) return [];
  const what = `landing.branches does not name ${quote(base)}, where work lands`;
  return [{ where: where(['landing', 'branches']), what, mend: `add \`${base}\`, or write \`landing: none\`` }];
}

function methodProblems(method: MergeMethod | undefined, who: string, where: WhereWritten): readonly Problem[] {
  if (method === undefined || method === 'merge') return [];
  const what = `landing.method: ${who} makes merge commits only, not ${quote(method)}`;
  return [{ where: where(['landing', 'method']), what, mend: 'write `method: merge`, or leave it out' }];
}

function forgeProblems(remote: Remote, where: WhereWritten): readonly Problem[] {
  if (remote.kind !== 'helper') return [];
  const what = `origin ${withoutCredentials(remote.url)} is served by a helper program, which is not run`;
  return [{ where: where(['forge']), what, mend: 'set it to a path or URL: `git remote set-url origin URL`' }];
}

function sandboxProblems({ sandbox }: Settings, where: WhereWritten): readonly Problem[] {
  if (sandbox !== 'required') return [];
  const what = 'sandbox: this version has no sandbox yet, and `required` refuses to run without one';
  return [{ where: where(['sandbox']), what, mend: 'write `sandbox: off` if agents may run with your own rights' }];
}

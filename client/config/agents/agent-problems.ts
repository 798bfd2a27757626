import { factsOf } from '../../../workflows/domain/agent-facts.ts';
import { isWithheld } from '../../../workflows/domain/agent/environment.ts';
import type { Profile } from '../../../workflows/domain/settings.ts';
import type { Problem } from '../../input/errors.ts';
import { suggestion } from '../../input/suggest.ts';
import { quote } from '../../input/text.ts';
import type { Source } from '../../input/yaml.ts';

/** A model that the agent cannot use: its run would fail at the first request. */
export function modelProblems(
  { name, agent, model }: Pick<Profile, 'name' | 'agent' | 'model'>,
  source: Source,
): readonly Problem[] {
  const facts = factsOf(agent);
  if (model === null || facts === null || facts.model.pattern.test(model)) return [];
  return [
    {
      where: source.at(['profiles', name, 'model']),
      what: `profile ${name}: ${quote(model)} is not a model of ${agent}`,
      mend: `write ${facts.model.words}`,
    },
  ];
}

/** Flags that Millrace sets itself, and flags that the tool does not know. */
export function flagProblems(
  { name, agent, args }: Pick<Profile, 'name' | 'agent' | 'args'>,
  source: Source,
): readonly Problem[] {
  const facts = factsOf(agent);
  if (facts === null) return [];
  return args.flatMap((written, index): readonly Problem[] => {
    // A word after a flag is its value.
    if (!written.startsWith('-') && args[index - 1]?.startsWith('-')) return [];
    const flag = written.startsWith('-') ? (written.split('=', 1)[0] ?? '') : written;
    const where = source.at(['profiles', name, 'args', index]);
    const mend = facts.ours[flag];
    if (mend !== undefined)
      return [{ where, what: `profile ${name}: ${quote(flag)} of ${agent} is not yours to set`, mend }];
    if (!written.startsWith('-') || facts.flags.includes(flag)) return [];
    const what = `profile ${name}: ${agent} ${facts.version} has no flag ${quote(flag)}`;
    return [{ where, what, mend: suggestion(flag, facts.flags) }];
  });
}

/** Variables that are never handed to an agent, whatever its profile says. */
export function environmentProblems(
  name: string,
  { names, source }: { readonly names: readonly string[]; readonly source: Source },
): readonly Problem[] {
  return names.flatMap((variable, index): readonly Problem[] =>
    isWithheld(variable)
      ? [
          {
            where: source.at(['profiles', name, 'env', index]),
            what: `profile ${name}: ${variable} is never handed to an agent`,
            mend: 'remove it: Millrace keeps forge tokens and its own variables to itself; it pushes and opens pull requests',
          },
        ]
      : [],
  );
}

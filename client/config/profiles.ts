import type { Limits, Profile, Role } from '../../workflows/domain/settings.ts';
import { UsageError, type Problem } from '../input/errors.ts';
import { suggestion } from '../input/suggest.ts';
import { quote } from '../input/text.ts';
import type { Source } from '../input/yaml.ts';
import { environmentProblems, flagProblems, modelProblems } from './agent-problems.ts';
import { durationMs } from './duration.ts';
import type { WrittenConfig } from './schema.ts';

/** Wall clock of one run: the longest of the seeds' runs took 35 minutes. */
const DEFAULT_WALL = '45m';

/** Silence of one run: longer than tools let a command run, during which some say nothing; a dead connection never does. */
const DEFAULT_IDLE = '15m';

/** What a configuration without profiles is answered with. */
const EXAMPLE = [
  'add one to millrace.yaml, for example:',
  '    profiles:',
  '      script: { agent: command, run: [node, tools/agent.mjs] }',
  '    roles: { implement: script, review: script }',
].join('\n');

/** The profiles with their defaults, in the order in which they are written. */
export function resolveProfiles(written: WrittenConfig, source: Source): Readonly<Record<string, Profile>> {
  const problems: Problem[] = [];
  const entries = Object.entries(written.profiles ?? {});
  const profiles = Object.fromEntries(
    entries.map(([name, { agent, model, run, args, env, limits, fallback }]): [string, Profile] => {
      const path = ['profiles', name];
      if (agent === 'command' && !run) {
        problems.push({
          where: source.at(path),
          what: `profile ${name}: the agent \`command\` needs the program that it runs`,
          mend: 'add for example `run: [node, tools/agent.mjs]`',
        });
      }
      problems.push(
        ...modelProblems({ name, agent, model: model ?? null }, source),
        ...flagProblems({ name, agent, args: args ?? [] }, source),
        ...environmentProblems(name, { names: env ?? [], source }),
      );
      return [
        name,
        {
          name,
          agent,
          model: model ?? null,
          run: run ?? [],
          args: args ?? [],
          env: env ?? [],
          limits: resolveLimits(limits ?? {}, { source, path }),
          fallback: fallback ?? null,
        },
      ];
    }),
  );
  problems.push(...fallbackProblems(profiles, source));
  if (problems.length > 0) throw new UsageError(problems);
  return profiles;
}

/** @throws UsageError where no agent can be run. */
export function requireProfile(profiles: Readonly<Record<string, Profile>>, source: Source): void {
  if (Object.keys(profiles).length > 0) return;
  throw new UsageError({ where: source.at(['profiles']), what: 'there is no profile: no agent to run', mend: EXAMPLE });
}

/** Which profiles do what: as written, else the first profile works and the second, if any, reviews. */
export function resolveRoles(config: {
  readonly written: WrittenConfig;
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly source: Source;
}): Readonly<Record<Role, readonly string[]>> {
  const { written, profiles, source } = config;
  const names = Object.keys(profiles);
  const given = (role: Role): readonly string[] | null => {
    const value = written.roles?.[role];
    return value === undefined || value === null ? null : typeof value === 'string' ? [value] : value;
  };
  const implement = given('implement') ?? names.slice(0, 1);
  const fix = given('fix') ?? implement;
  const review = given('review') ?? names.slice(0, 2).slice(-1);
  const roles = { implement, fix, review, resolve: given('resolve') ?? fix, triage: given('triage') ?? implement };
  const problems = (Object.keys(written.roles ?? {}) as Role[]).flatMap((role) =>
    (given(role) ?? []).flatMap((name, index): Problem[] =>
      Object.hasOwn(profiles, name)
        ? []
        : [
            {
              where: source.at(['roles', role, index]),
              what: `roles.${role}: there is no profile ${quote(name)}`,
              mend: suggestion(name, names),
            },
          ],
    ),
  );
  if (problems.length > 0) throw new UsageError(problems);
  return roles;
}

type WrittenLimits = NonNullable<NonNullable<WrittenConfig['profiles']>[string]['limits']>;

function resolveLimits(
  limits: WrittenLimits,
  place: { readonly source: Source; readonly path: readonly string[] },
): Limits {
  const at = (name: string) => place.source.at([...place.path, 'limits', name]);
  return {
    wallMs: durationMs(limits.wall ?? DEFAULT_WALL, at('wall')),
    idleMs: durationMs(limits.idle ?? DEFAULT_IDLE, at('idle')),
    turns: limits.turns ?? null,
    costUsd: limits.costUsd ?? null,
    tokens: limits.tokens ?? null,
  };
}

function fallbackProblems(profiles: Readonly<Record<string, Profile>>, source: Source): readonly Problem[] {
  const reported = new Set<string>();
  return Object.values(profiles).flatMap(({ name, fallback }): Problem[] => {
    const where = source.at(['profiles', name, 'fallback']);
    if (fallback === null) return [];
    if (!Object.hasOwn(profiles, fallback)) {
      const what = `profile ${name}: there is no profile ${quote(fallback)} to fall back to`;
      return [{ where, what, mend: suggestion(fallback, Object.keys(profiles)) }];
    }
    const path = [name];
    for (let next: string | null = fallback; next !== null && profiles[next]; next = profiles[next]!.fallback) {
      path.push(next);
      if (path.indexOf(next) < path.length - 1) break;
    }
    if (path.at(-1) !== name || path.some((each) => reported.has(each))) return [];
    for (const each of path) reported.add(each);
    return [
      { where, what: `profiles fall back in a circle: ${path.join(' -> ')}`, mend: 'remove one of these fallbacks' },
    ];
  });
}

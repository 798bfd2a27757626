import type { Limits, Profile, Role, Settings } from '../../../workflows/domain/settings.ts';
import type { Problem } from '../../input/errors.ts';
import { suggestion } from '../../input/suggest.ts';
import { quote } from '../../input/text.ts';
import { environmentProblems, flagProblems, modelProblems } from './agent-problems.ts';
import { durationMs } from '../duration.ts';
import type { Reading } from '../reading.ts';
import type { WrittenConfig } from '../schema.ts';

/** Longest run: real runs took up to 35 minutes. */
const DEFAULT_WALL = '45m';

/** Longest silence of one run: some tools say nothing while a command runs, so this is longer than any of them lets a command run. */
const DEFAULT_IDLE = '15m';

/** The profiles with their defaults, in the order in which they are written. */
export function resolveProfiles(reading: Reading): Readonly<Record<string, Profile>> {
  const { written, source, problems } = reading;
  const entries = Object.entries(written.profiles ?? {});
  const profiles = Object.fromEntries(
    entries.map(([name, { agent, model, run, args, env, limits, fallback }]): [string, Profile] => {
      const path = ['profiles', name];
      if (agent === 'command' && !run && reading.isWhole(path)) {
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
          limits: resolveLimits(limits ?? {}, reading, (limit) => source.at([...path, 'limits', limit])),
          fallback: fallback ?? null,
        },
      ];
    }),
  );
  problems.push(...fallbackProblems(profiles, reading));
  return profiles;
}

/** Which profile does what: as written, else the first one works and the second, if there is one, reviews. */
export function resolveRoles({ written, source, profileNames, problems }: Reading): Settings['roles'] {
  const given = (role: Role): readonly string[] | null => {
    const value = written.roles?.[role];
    return value === undefined || value === null ? null : typeof value === 'string' ? [value] : value;
  };
  const implement = given('implement') ?? profileNames.slice(0, 1);
  const fix = given('fix') ?? implement;
  const review = given('review') ?? profileNames.slice(0, 2).slice(-1);
  for (const role of Object.keys(written.roles ?? {}) as Role[]) {
    for (const [index, name] of (given(role) ?? []).entries()) {
      if (profileNames.includes(name)) continue;
      const what = `roles.${role}: there is no profile ${quote(name)}`;
      problems.push({ where: source.at(['roles', role, index]), what, mend: suggestion(name, profileNames) });
    }
  }
  return { implement, fix, review, resolve: given('resolve') ?? fix, triage: given('triage') ?? implement };
}

type WrittenLimits = NonNullable<NonNullable<WrittenConfig['profiles']>[string]['limits']>;

function resolveLimits(limits: WrittenLimits, { problems }: Reading, at: (limit: string) => string): Limits {
  return {
    wallMs: durationMs(limits.wall ?? DEFAULT_WALL, at('wall'), problems),
    idleMs: durationMs(limits.idle ?? DEFAULT_IDLE, at('idle'), problems),
    turns: limits.turns ?? null,
    costUsd: limits.costUsd ?? null,
    tokens: limits.tokens ?? null,
  };
}

function fallbackProblems(
  profiles: Readonly<Record<string, Profile>>,
  { source, profileNames }: Reading,
): readonly Problem[] {
  const reported = new Set<string>();
  return Object.values(profiles).flatMap(({ name, fallback }): Problem[] => {
    const where = source.at(['profiles', name, 'fallback']);
    if (fallback === null) return [];
    if (!profileNames.includes(fallback)) {
      const what = `profile ${name}: there is no profile ${quote(fallback)} to fall back to`;
      return [{ where, what, mend: suggestion(fallback, profileNames) }];
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

import { isWithheld } from '../../workflows/domain/agent/environment.ts';

/** Variables of the worker that every program of ours sees, besides the fixed ones. */
const passed = ['PATH', 'HOME', 'TMPDIR'] as const;

/** Values that make programs behave alike everywhere; times that they print without a zone are read as UTC. */
const fixed = { LANG: 'C.UTF-8', TZ: 'UTC', TERM: 'dumb' } as const;

/** The environment of agents, checks and set-up commands, built from nothing. `names`: further variables that a profile asks for. */
export function programEnvironment(names: readonly string[] = []): Record<string, string> {
  const env: Record<string, string> = { PATH: '/usr/local/bin:/usr/bin:/bin', ...fixed };
  for (const name of [...passed, ...names.filter((each) => !isWithheld(each))]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

import { isWithheld } from '../../workflows/domain/agent/environment.ts';

/** Variables that every program of ours sees besides the fixed ones, as the worker has them. */
const passed = ['PATH', 'HOME', 'TMPDIR'] as const;

/** Values that make programs behave alike everywhere; claims of time zones are parsed as UTC. */
const fixed = { LANG: 'C.UTF-8', TZ: 'UTC', TERM: 'dumb' } as const;

/** The environment of agents, checks and set-up commands, built from nothing; `names`: what a profile asks for besides. */
export function programEnvironment(names: readonly string[] = []): Record<string, string> {
  const env: Record<string, string> = { PATH: '/usr/local/bin:/usr/bin:/bin', ...fixed };
  for (const name of [...passed, ...names.filter((each) => !isWithheld(each))]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

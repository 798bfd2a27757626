import { agentFacts } from '../../workflows/domain/agent-facts.ts';
import { hasServer, type ForgeKind } from '../../workflows/domain/forge-facts.ts';
import type { CiRules, Landing, LandingRules } from '../../workflows/domain/settings.ts';
import { durationMs } from './duration.ts';
import type { Reading } from './reading.ts';
import type { WrittenConfig } from './schema.ts';

/** Files that decide what runs with the forge's rights: a person should see a change before it is merged. */
const CI_FILES = [
  '.github/**',
  '.gitea/**',
  '.forgejo/**',
  '.gitlab-ci.yml',
  'Jenkinsfile',
  '.ci/**',
  '.circleci/**',
  '.travis.yml',
  '.drone.yml',
  '.woodpecker.{yml,yaml}',
  '.woodpecker/**',
  'azure-pipelines.yml',
] as const;

/** What tells agents, ours or those of people who work here by hand, what to do. */
const INSTRUCTIONS = [
  ...Object.values(agentFacts).flatMap(({ instructions }) => instructions),
  '.cursor/**',
  '.cursorrules',
  'millrace.yaml',
  '.millrace/**',
];

/** Longest wait for one commit's CI: the slowest suites of a working day end within it. */
const DEFAULT_CI_TIMEOUT = '60m';

/** CI fixes in one issue, as for our own checks: a third try repeats the second. */
const DEFAULT_CI_FIXES = 2;

/** The policy that the file names, else `none`. */
export function writtenLanding({ landing }: WrittenConfig): Landing {
  return (typeof landing === 'object' ? landing?.policy : landing) ?? 'none';
}

/** What landing may do, and where. */
export function resolveLandingRules({ landing }: WrittenConfig, base: string): LandingRules {
  const rules = (typeof landing === 'object' ? landing : null) ?? {};
  return {
    method: rules.method ?? 'merge',
    branches: rules.branches ?? [base],
    deleteBranch: rules.deleteBranch ?? false,
    protect: rules.protect ?? [...CI_FILES, ...INSTRUCTIONS],
  };
}

/** How to wait for CI; null: do not wait. */
export function resolveCi({ written: { ci }, source, problems }: Reading, forge: ForgeKind): CiRules | null {
  if (!hasServer(forge) || ci === 'off') return null;
  const timeoutMs = durationMs(ci?.timeout ?? DEFAULT_CI_TIMEOUT, source.at(['ci', 'timeout']), problems);
  return { timeoutMs, fixes: ci?.fixes ?? DEFAULT_CI_FIXES };
}

/** Lines of the file that have no effect on a forge without a server. */
export function forgeNotices({ ci, issues }: WrittenConfig, forge: ForgeKind): readonly string[] {
  if (hasServer(forge)) return [];
  const idle = [...(ci != null && ci !== 'off' ? ['ci'] : []), ...(issues == null ? [] : ['issues'])];
  return idle.map((line) => `\`${line}\` has no effect on the local forge, which has none of its own`);
}

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../client/config/load.ts';
import { configurationPage } from '../../../client/reference/configuration-page.ts';
import type { Settings } from '../../../workflows/domain/settings.ts';
import { git, makeRepository, temporaryFolder, testEnv } from '../../support/git/user-repository.ts';

const minutes = (ms: number | undefined) => `${(ms ?? 0) / 60_000}m`;
const names = (labels: readonly (string | null | undefined)[] = []) => labels.map((label) => `\`${label}\``).join(', ');

const defaults: readonly (readonly [line: string, value: (of: Settings) => string | number])[] = [
  ['version', (of) => of.version],
  ['profiles.NAME.limits.wall', (of) => minutes(of.profiles['script']?.limits.wallMs)],
  ['profiles.NAME.limits.idle', (of) => minutes(of.profiles['script']?.limits.idleMs)],
  ['review.rounds', (of) => of.review.rounds],
  ['landing', (of) => names([of.landing])],
  ['landing.method', (of) => names([of.landingRules?.method])],
  ['landing.deleteBranch', (of) => String(of.landingRules?.deleteBranch)],
  ['ci.timeout', (of) => minutes(of.ci?.timeoutMs)],
  ['ci.fixes', (of) => of.ci?.fixes ?? 0],
  ['issues.exclude', (of) => names(of.issues?.exclude)],
  ['issues.labels.inProgress', (of) => names([of.issues?.inProgress])],
  ['issues.labels.needsManualReview', (of) => names([of.issues?.needsManualReview])],
  ['issues.priorities.blocker', (of) => names(of.issues?.priorities.blocker)],
  ['issues.priorities.high', (of) => names(of.issues?.priorities.high)],
  ['issues.priorities.medium', (of) => names(of.issues?.priorities.medium)],
  ['issues.priorities.low', (of) => names(of.issues?.priorities.low)],
  ['batch.width', (of) => of.batch.width],
  ['sandbox', (of) => names([of.sandbox])],
];

test('the page tells every default as it is', async () => {
  const repositoryPath = join(await temporaryFolder(), 'shop');
  const config = 'profiles:\n  script: { agent: command, run: [node, agent.mjs] }\n';
  await makeRepository(repositoryPath, { 'millrace.yaml': config });
  await git(repositoryPath, 'remote', 'add', 'origin', 'https://git.example.com/acme/shop.git');
  const { settings } = await loadConfig({ repositoryPath, configFile: null, env: testEnv(), overrides: {} });
  const told = defaults.map(([line, value]) => ({ words: wordsOf(line), expected: `default ${value(settings)}` }));
  const wrong = told.filter(({ words, expected }) => !words.toLowerCase().includes(expected.toLowerCase()));
  expect(wrong).toEqual([]);
});

/** What the page says of a line: its point in a list, or what follows its heading. */
function wordsOf(line: string): string {
  const page = configurationPage();
  const point = page.split('\n').find((each) => each.startsWith(`- \`${line}\`: `));
  return point ?? page.split(`## \`${line}\`\n\n`)[1]?.split('\n')[0] ?? '';
}

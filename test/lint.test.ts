import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const run = promisify(execFile);

/** What stands in a file, and the rule that must report it; null: it is allowed. */
type Seed = readonly [file: string, line: string, rule: string | null];

const imports = 'no-restricted-imports';
const bring = (from: string) => `import { x } from '${from}';\nexport const y = x;`;

const seeds: readonly Seed[] = [
  ['workflows/node.ts', bring('node:fs/promises'), imports],
  ['workflows/bare-node.ts', bring('fs'), 'prefer-node-protocol'],
  ['workflows/zod.ts', bring('zod'), imports],
  ['workflows/activity.ts', bring('../activities/index.ts'), imports],
  ['workflows/activity-type.ts', `import type { X } from '../activities/index.ts';\nexport type Y = X;`, null],
  [
    'workflows/inline-type.ts',
    `import { type X } from '../activities/index.ts';\nexport type Y = X;`,
    'no-import-type-side-effects',
  ],
  ['workflows/worker.ts', bring('../worker/host.ts'), imports],
  ['workflows/client.ts', bring('../client/state/folders.ts'), imports],
  ['workflows/sdk-client.ts', bring('@temporalio/client'), imports],
  ['workflows/starts.ts', `import type { X } from '@temporalio/client';\nexport type Y = X;`, null],
  ['workflows/sdk-worker.ts', bring('@temporalio/worker'), imports],
  ['workflows/sdk-activity.ts', bring('@temporalio/activity'), imports],
  ['workflows/sdk-workflow.ts', bring('@temporalio/workflow'), null],
  ['workflows/print.ts', `console.log('x');`, 'no-console'],
  ['workflows/floating.ts', 'declare function f(): Promise<void>;\nf();\nexport {};', 'no-floating-promises'],
  ['workflows/any.ts', 'export const x: any = 1;', 'no-explicit-any'],
  [
    'workflows/switch.ts',
    `export function f(kind: 'a' | 'b'): number {\n  switch (kind) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}`,
    'switch-exhaustiveness-check',
  ],
  ['workflows/default.ts', 'export default 1;', 'no-default-export'],
  ['workflows/domain/outside.ts', bring('../ids.ts'), imports],
  ['workflows/domain/package.ts', bring('ms'), imports],
  ['workflows/domain/node.ts', bring('node:crypto'), imports],
  ['workflows/domain/temporal.ts', bring('@temporalio/workflow'), imports],
  ['workflows/domain/sibling.ts', bring('./issue.ts'), null],
  ['workflows/domain/date.ts', 'export const x = Date.now();', 'no-restricted-globals'],
  ['workflows/domain/process.ts', 'export const x = process.pid;', 'no-restricted-globals'],
  ['workflows/domain/random.ts', 'export const x = Math.random();', 'no-restricted-properties'],
  ['workflows/domain/plan/outside.ts', bring('../../ids.ts'), imports],
  ['workflows/domain/plan/package.ts', bring('ms'), imports],
  ['workflows/domain/plan/date.ts', 'export const x = Date.now();', 'no-restricted-globals'],
  ['workflows/domain/plan/other-room.ts', bring('../batch/batch.ts'), null],
  ['workflows/issue/activity.ts', bring('../../activities/index.ts'), imports],
  ['activities/workflow.ts', bring('../workflows/messages.ts'), imports],
  ['activities/workflow-room.ts', bring('../workflows/batch/batch.ts'), imports],
  ['activities/domain.ts', bring('../workflows/domain/issue.ts'), null],
  ['activities/domain-room.ts', bring('../workflows/domain/plan/plan.ts'), null],
  ['activities/ids.ts', bring('../workflows/ids.ts'), null],
  ['activities/client.ts', bring('../client/state/folders.ts'), imports],
  ['activities/worker.ts', bring('../worker/main.ts'), imports],
  ['activities/temporal.ts', bring('@temporalio/activity'), null],
  ['activities/git/workflow.ts', bring('../../workflows/issue/issue.ts'), imports],
  ['activities/git/domain.ts', bring('../../workflows/domain/forge/ci.ts'), null],
  ['activities/git/client.ts', bring('../../client/state/folders.ts'), imports],
  ['activities/git/activity.ts', bring('../pull-request.ts'), imports],
  ['activities/git/other-room.ts', bring('../text/cut.ts'), null],
  ['activities/git/temporal.ts', bring('@temporalio/common'), imports],
  ['activities/failure/temporal.ts', bring('@temporalio/common'), null],
  ['activities/failure/activity.ts', bring('../checks.ts'), imports],
  ['activities/agents/claude.ts', bring('./codex.ts'), imports],
  ['activities/agents/pi.ts', bring('./agent.ts'), null],
  ['activities/agents/own.ts', bring('./reading/answer.ts'), null],
  ['activities/agents/table.ts', bring('./index.ts'), imports],
  ['activities/agents/codex.ts', bring('@temporalio/activity'), imports],
  ['activities/agents/gemini.ts', bring('../forges/github.ts'), imports],
  ['activities/agents/index.ts', bring('./claude.ts'), null],
  ['activities/agents/reading/adapter.ts', bring('../claude.ts'), imports],
  ['activities/agents/reading/seam.ts', bring('../agent.ts'), null],
  ['activities/agents/reading/forge.ts', bring('../../forges/forge.ts'), imports],
  ['activities/agents/reading/temporal.ts', bring('@temporalio/activity'), imports],
  ['activities/agents/reading/activity.ts', bring('../../checks.ts'), imports],
  ['activities/forges/github.ts', bring('./gitea.ts'), imports],
  ['activities/forges/pace.ts', bring('./local.ts'), imports],
  ['activities/forges/gitea.ts', bring('@temporalio/common'), imports],
  ['activities/forges/local.ts', bring('../agents/agent.ts'), imports],
  ['activities/forges/index.ts', bring('@temporalio/activity'), imports],
  ['activities/forges/key.ts', bring('./forge.ts'), null],
  ['activities/forges/http/adapter.ts', bring('../github.ts'), imports],
  ['activities/forges/http/adapter-part.ts', bring('../gitea/merge.ts'), imports],
  ['activities/forges/http/temporal.ts', bring('@temporalio/common'), imports],
  ['activities/forges/github/other.ts', bring('../gitea/merge.ts'), imports],
  ['activities/forges/github/other-door.ts', bring('../local.ts'), imports],
  ['activities/forges/github/own-door.ts', bring('../github.ts'), imports],
  ['activities/forges/github/table.ts', bring('../index.ts'), imports],
  ['activities/forges/github/agent.ts', bring('../../agents/claude.ts'), imports],
  ['activities/forges/github/temporal.ts', bring('@temporalio/activity'), imports],
  ['activities/forges/github/activity.ts', bring('../../landing.ts'), imports],
  ['activities/forges/github/client.ts', bring('../../../client/state/folders.ts'), imports],
  ['activities/forges/github/workflow.ts', bring('../../../workflows/messages.ts'), imports],
  ['activities/forges/github/seam.ts', bring('../forge.ts'), null],
  ['activities/forges/github/shared.ts', bring('../http/marker.ts'), null],
  ['activities/forges/github/api/other.ts', bring('../../gitea/client.ts'), imports],
  ['activities/forges/github/api/temporal.ts', bring('@temporalio/activity'), imports],
  ['activities/forges/github/api/agent.ts', bring('../../../agents/agent.ts'), imports],
  ['activities/forges/github/api/activity.ts', bring('../../../ci.ts'), imports],
  ['activities/forges/gitea/other.ts', bring('../github/merge.ts'), imports],
  ['activities/forges/gitea/agent.ts', bring('../../agents/claude.ts'), imports],
  ['activities/forges/gitea/temporal.ts', bring('@temporalio/activity'), imports],
  ['activities/forges/local/other.ts', bring('../gitea/merge.ts'), imports],
  ['activities/forges/local/temporal.ts', bring('@temporalio/activity'), imports],
  ['client/activity.ts', bring('../activities/git/git.ts'), imports],
  ['client/process.ts', bring('../activities/process/table.ts'), null],
  ['client/state/activity.ts', bring('../../activities/index.ts'), imports],
  ['client/state/credential.ts', bring('../../activities/credentials/index.ts'), imports],
  ['client/state/repository.ts', bring('../../activities/repository/repository.ts'), imports],
  ['client/state/artifact.ts', bring('../../activities/repository/artifact.ts'), null],
  ['client/state/process.ts', bring('../../activities/process/table.ts'), null],
  ['client/state/command.ts', bring('../commands/status.ts'), imports],
  ['client/state/front.ts', bring('../main.ts'), imports],
  ['client/config/repository/command.ts', bring('../../commands/status.ts'), imports],
  ['client/commands/worker.ts', bring('../../worker/main.ts'), imports],
  ['client/commands/sdk.ts', bring('@temporalio/worker'), imports],
  ['client/commands/activity.ts', bring('../../activities/checks.ts'), imports],
  ['client/commands/other.ts', bring('./status.ts'), imports],
  ['client/commands/options.ts', bring('./place-options.ts'), null],
  ['client/commands/print.ts', `console.log('x');`, null],
  ['client/commands/messages.ts', bring('../../workflows/messages.ts'), null],
];

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

let folder = '';
let found: readonly Diagnostic[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-lint-'));
  await copyFile(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  // The real one asks for packages that this folder has not.
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, types: [] } }));
  for (const [file, line] of seeds) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${line}\n`);
  }
  const { stdout } = await run(bin('oxlint'), ['--type-aware', '--format', 'json'], {
    cwd: folder,
    maxBuffer: 16_000_000,
    env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}` },
  }).catch((error: { stdout: string }) => error); // it exits with 1: that is what is wanted
  found = (JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] }).diagnostics;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(seeds.filter(([, , rule]) => rule !== null))('the linter reports %s: %j, by %s', (file, _line, rule) => {
  const codes = found.filter(({ filename }) => filename === file).map(({ code }) => /\((.*)\)/.exec(code)?.[1]);
  expect(codes).toContain(rule);
});

test.each(seeds.filter(([, , rule]) => rule === null))('the linter lets %s pass: %j', (file) => {
  expect(found.filter(({ filename }) => filename === file)).toEqual([]);
});

test('the compiler is as strict as it can be', async () => {
  const { stdout } = await run(bin('tsc'), ['--showConfig'], { cwd: root });
  const { compilerOptions } = JSON.parse(stdout) as { readonly compilerOptions: unknown };
  expect(compilerOptions).toMatchObject({
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    noFallthroughCasesInSwitch: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    isolatedModules: true,
  });
});

test('nothing reads the environment of another process, which holds its secrets', async () => {
  const reading = /\/environ\b|\bps\b[^\n]{0,20}['" ]-?[a-z]*e(ww?)?['" ,]/;
  const found: string[] = [];
  for (const folder of ['workflows', 'activities', 'worker', 'client', 'test', 'examples', '.ci']) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (!/\.(ts|mjs|sh)$|run$/.test(name) || join(folder, name) === 'test/lint.test.ts') continue;
      const path = join(root, folder, name);
      if (reading.test(await readFile(path, 'utf8'))) found.push(join(folder, name));
    }
  }
  expect(found).toEqual([]);
  expect('`/proc/${pid}/environ`').toMatch(reading);
  expect(`execFile('ps', ['auxe'])`).toMatch(reading);
});

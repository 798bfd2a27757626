import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram } from '../../../../client/config/agents/programs.ts';
import { UsageError } from '../../../../client/input/errors.ts';
import { dryRun } from '../../../support/input/dry-run.ts';
import { planOf } from '../../../support/input/good-input.ts';
import { makeRepository, temporaryFolder, writeFiles } from '../../../support/git/user-repository.ts';

/** A repository without a configuration, on a machine that has git and these agents. */
async function stranger(agents: readonly string[]) {
  const root = await temporaryFolder();
  const bin = join(root, 'bin');
  await mkdir(bin);
  for (const tool of ['git', 'sh'])
    await symlink((await findProgram(tool, { folder: root, env: process.env }))!, join(bin, tool));
  for (const agent of agents) {
    await writeFile(join(bin, agent), '#!/bin/sh\n');
    await chmod(join(bin, agent), 0o755);
  }
  const folder = join(root, 'repository');
  await makeRepository(folder, { 'plan.yaml': planOf('{ id: a, instructions: do it }') });
  const start = () => dryRun(folder, ['plan.yaml'], { PATH: bin });
  const refused = await start().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UsageError);
  return { folder, start, message: (refused as UsageError).message };
}

test('without a millrace.yaml the agents of this machine are named, with a file to paste that works', async () => {
  const { folder, start, message } = await stranger(['codex', 'gemini']);
  expect(message).toContain('millrace.yaml: this repository has no such file');
  expect(message).toContain('found on this machine: codex, gemini');
  expect(message).toContain('--config FILE');
  expect(message).not.toMatch(/1:1|agent\.mjs|millrace init/);
  const pasted = message.slice(message.indexOf('    profiles:')).replace(/^ {4}/gm, '');
  await writeFiles(folder, { 'millrace.yaml': `${pasted}\n` });
  expect((await start()).out).toContain('1 issue');
});

test('on a machine without any agent it is told which one to install', async () => {
  const { message } = await stranger([]);
  expect(message).toMatch(/none of claude, codex, .* is on PATH: install one \(`npm install -g @anthropic-ai\/claude/);
  expect(message).toContain('main: { agent: claude }');
  expect(message).toContain('mine: { agent: command, run: [/path/to/program] }');
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operations } from './operations.ts';
import { cutDescription, type Description } from './reduce.ts';

// `npm run cut-openapi`: fetches GitHub's own description of its REST API (404 MB unpacked, so no dependency of ours)
// and keeps what we use of it. The cut is checked in; no test and no installation fetches anything.

const VERSION = '23.0.2';
const FILE = 'package/generated/api.github.com.json';

const folder = mkdtempSync(join(tmpdir(), 'millrace-openapi-'));
try {
  const run = (program: string, args: readonly string[]) => execFileSync(program, args, { cwd: folder });
  run('npm', ['pack', '--silent', `@octokit/openapi@${VERSION}`]);
  run('tar', ['-xzf', `octokit-openapi-${VERSION}.tgz`, FILE, 'package/LICENSE']);
  const description = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Description;
  const cut = cutDescription(description, operations);
  const notice = {
    source: `@octokit/openapi ${VERSION}, generated/api.github.com.json, cut by test/contract/cut.ts`,
    licence: readFileSync(join(folder, 'package/LICENSE'), 'utf8').trim(),
  };
  const text = `{\n"notice": ${JSON.stringify(notice)},\n${linesOf('operations', cut.operations)},\n${linesOf('schemas', cut.schemas)}\n}\n`;
  writeFileSync(new URL('github-openapi.json', import.meta.url), text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** One line each, so that a newer description shows as a readable difference. */
function linesOf(name: string, entries: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(entries).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `${JSON.stringify(name)}: {\n${lines.join(',\n')}\n}`;
}

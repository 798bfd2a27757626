// npm run test:node -- VERSION [ARGUMENTS OF VITEST]: the suites under another Node than this one.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const [version, ...args] = process.argv.slice(2);
if (!version || !/^\d+(\.\d+){0,2}$/.test(version)) {
  process.stderr.write('usage: npm run test:node -- VERSION [ARGUMENTS OF VITEST], VERSION as 22 or 24.1.0\n');
  process.exit(2);
}

// By npm's own `node` package, which holds the official builds. In a folder of its own: package.json knows nothing of it.
const folder = join(root, 'node_modules', '.cache', `node-${version}`);
const bin = join(folder, 'node_modules', 'node', 'bin');
const node = join(bin, process.platform === 'win32' ? 'node.exe' : 'node');
if (!existsSync(node)) {
  mkdirSync(folder, { recursive: true });
  // The package fetches the build for this machine by a script of its own, which newer npms run for named packages only.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { node: true } }));
  run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts=false', `node@${version}`]);
}
run(node, ['--version']);
run(node, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args]);

/** Runs a program to its end, with the other Node first on PATH for whatever starts `node` by its name. */
function run(file: string, ofFile: readonly string[]): void {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
  const { status, error } = spawnSync(file, [...ofFile], { cwd: root, env, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

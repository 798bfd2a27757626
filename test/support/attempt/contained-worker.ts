import { runProcess } from '../../../activities/process/process.ts';

// A worker in small: runs the command of its arguments in a pid namespace until it is killed.
const [cwd = '.', ...argv] = process.argv.slice(2);
await runProcess({
  argv,
  cwd,
  env: { PATH: process.env['PATH'] ?? '' },
  wallMs: 60_000,
  containment: 'pid-namespace',
  onLine: (line) => process.stdout.write(`${line}\n`),
});

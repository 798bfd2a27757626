// Starts a plain, a nohup and a double-forked child in sessions of their own, writes their pids to argv[2], and ends (or hangs).
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [, self, pidFile, role = 'ends'] = process.argv;
const quiet = { stdio: 'ignore' };
const note = (pid) => appendFileSync(pidFile, `${pid}\n`);

if (role === 'daemon') {
  process.on('SIGTERM', () => {});
  note(process.pid);
  setInterval(() => {}, 1000);
} else if (role === 'middle') {
  spawn(process.execPath, [self, pidFile, 'daemon'], { ...quiet, detached: true }).unref();
} else {
  spawn(process.execPath, [self, pidFile, 'daemon'], quiet).unref();
  spawn('nohup', [process.execPath, self, pidFile, 'daemon'], { ...quiet, detached: true }).unref();
  spawn(process.execPath, [self, pidFile, 'middle'], { ...quiet, detached: true }).unref();
  while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8').split('\n').length < 4) await sleep(10);
  process.stdout.write('children started\n');
  if (role === 'hangs') setInterval(() => {}, 1000);
}

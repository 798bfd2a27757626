import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLauncher } from '../../worker/launcher.ts';

// A process with a launcher, to be killed: tells its parent who the launcher is and which program it started.

const folder = mkdtempSync(join(tmpdir(), 'millrace-launching-'));
const pids = join(folder, 'pids');
void createLauncher()({
  file: 'sh',
  args: ['-c', 'echo "$PPID $$" > "$1"; exec sleep 600', 'sh', pids],
  cwd: '/',
  env: { PATH: process.env['PATH'] ?? '' },
  input: '',
  encoding: 'utf8',
  timeoutMs: 700_000,
  maxBytes: 1024,
});
let text = '';
while (!text.endsWith('\n')) {
  await sleep(20);
  text = await readFile(pids, 'utf8').catch(() => '');
}
rmSync(folder, { recursive: true });
const [launcher, program] = text.trim().split(' ').map(Number);
process.send?.({ launcher, program });
await sleep(600_000);

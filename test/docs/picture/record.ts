import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunksOf, formatRecording } from './recording.ts';

const COMMAND = 'npm run demo -- --remove';
const COLUMNS = 110;
const ROWS = 30;

/** `tsx test/docs/picture/record.ts` runs the demonstration in a terminal (util-linux's `script`) and keeps what it shows. */
const folder = mkdtempSync(join(tmpdir(), 'millrace-recording-'));
try {
  const [log, timing] = [join(folder, 'log'), join(folder, 'timing')];
  const run = `stty cols ${COLUMNS} rows ${ROWS}; ${COMMAND}`;
  // As from a shell of a person: what npm tells the scripts that it runs would change what it prints.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  execFileSync('script', ['-q', '-e', '-c', run, '--log-out', log, '--log-timing', timing], { stdio: 'ignore', env });
  const chunks = chunksOf(readFileSync(log), readFileSync(timing, 'utf8'));
  const cast = formatRecording({ command: COMMAND, columns: COLUMNS, rows: ROWS, chunks });
  writeFileSync(new URL('demo.cast', import.meta.url), cast);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

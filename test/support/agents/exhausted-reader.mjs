// exhausted-reader.mjs MODULES FILE: has no file descriptor left and looks at a file that is there, by each of our ways
// to read what somebody may have written. Prints what each look came to.
import { closeSync, openSync } from 'node:fs';

const [modules, path] = process.argv.slice(2);
const { openPlain, readPlain } = await import(`${modules}/host/plain-file.ts`);
const { readJournal } = await import(`${modules}/attempt/journal.ts`);
const { openSession } = await import(`${modules}/attempt/session.ts`);
const looks = [
  () => readPlain(path),
  () => openPlain(path),
  () => readJournal(path),
  () => openSession(path.replace(/\.json$/, ''), 'ours'),
];
const held = [];
try {
  for (;;) held.push(openSync('/dev/null'));
} catch {
  // That was the last one.
}
const answers = [];
for (const look of looks) answers.push(await look().catch((error) => error.code));
for (const file of held) closeSync(file);
process.stdout.write(JSON.stringify(answers));

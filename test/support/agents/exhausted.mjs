// exhausted.mjs MODULES: has no file descriptor left, looks for a process and for a list of them, and ends one, for
// which it has descriptors again after a while. Prints what each came to, and whether that process lives.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

const modules = process.argv[2];
const { identify, isAlive, listProcesses } = await import(`${modules}/process/table.ts`);
const { endFamily } = await import(`${modules}/process/end.ts`);
const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
const leader = identify(child.pid);
const held = [];
const giveBack = () => held.splice(0).forEach((file) => closeSync(file));
const cameTo = async (act) => {
  try {
    return await act();
  } catch (error) {
    return error.code;
  }
};

try {
  for (;;) held.push(openSync('/dev/null'));
} catch {
  // That was the last one.
}
const looks = [() => isAlive(leader), () => identify(child.pid), () => listProcesses()];
const answers = [];
for (const look of looks) answers.push(await cameTo(look));
setTimeout(giveBack, 300);
answers.push(await cameTo(() => endFamily({ leader, folder: null, graceMs: 0 })));
giveBack();
answers.push(isAlive(leader));
child.kill('SIGKILL');
process.stdout.write(JSON.stringify(answers));

import { setMaxListeners } from 'node:events';
import { runHere } from '../activities/process/program.ts';
import type { Question, Reply } from './launcher.ts';

// The process beside a worker that starts its git commands. It keeps no state. It ends with its worker, and so does
// what it started: the next worker must not meet a git command that it does not know of.

const gone = new AbortController();
setMaxListeners(0, gone.signal); // one listener for each program that runs
process.once('disconnect', () => {
  gone.abort();
  process.exit();
});
process.on('message', ({ id, spec }: Question) => {
  void runHere(spec, gone.signal).then((answer) => {
    const reply: Reply = { id, answer };
    if (process.connected) process.send?.(reply);
  });
});

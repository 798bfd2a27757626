import { setMaxListeners } from 'node:events';
import { runHere } from '../activities/process/program.ts';
import type { Question, Reply } from './launcher.ts';

// The process beside a worker that starts its git commands. It knows nothing and keeps nothing; without its worker it
// ends, and what it had started ends with it: the next worker must not meet a git that it does not know of.

const gone = new AbortController();
setMaxListeners(0, gone.signal); // one for each program that runs
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

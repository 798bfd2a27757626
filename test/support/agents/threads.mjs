// Speaks as Codex does, a thread a run; tells what it was asked in argv[2], and resumes as argv[3] says:
//   goes-on | elsewhere | unknown; with `never` it begins none either.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const [, , notes, manner, ...argv] = process.argv;
const nth = existsSync(notes) ? readFileSync(notes, 'utf8').trimEnd().split('\n').length : 0;
const isResumed = argv[1] === 'resume';
const stdin = readFileSync(0, 'utf8');
appendFileSync(notes, `${JSON.stringify({ pid: process.pid, resumed: isResumed ? argv.at(-2) : null, stdin })}\n`);
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

if (manner === 'never' || (isResumed && manner === 'unknown')) {
  process.stderr.write('Error: thread/resume failed: no rollout found for thread id (code -32600)\n');
  process.exitCode = 1;
} else {
  say({ type: 'thread.started', thread_id: isResumed && manner === 'goes-on' ? argv.at(-2) : `thread-${nth}` });
  if (isResumed && manner === 'elsewhere') {
    // It would work on, on what it does not know.
    setInterval(() => appendFileSync('greeting.txt', 'astray\n'), 5_000);
  } else {
    appendFileSync('greeting.txt', `hello ${nth}\n`);
    const result = { type: 'result', status: 'completed', summary: `thread ${nth}` };
    say({ type: 'item.completed', item: { type: 'agent_message', text: JSON.stringify(result) } });
    say({ type: 'turn.completed', usage: { input_tokens: 100 * (nth + 1), output_tokens: 10 * (nth + 1) } });
  }
}

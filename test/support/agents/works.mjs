// Changes greeting.txt, writes what it was told to argv[2], and ends as argv[3] says:
//   ok | commit-and-fail | delete-worktree | review-approved | hang-once | works-then-spends | crash-once
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const [, , notes, manner = 'ok'] = process.argv;
const seen = existsSync(notes);
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('MILLRACE_')));
const context = JSON.parse(readFileSync(env.MILLRACE_CONTEXT_FILE, 'utf8'));
appendFileSync(
  notes,
  `${JSON.stringify({ pid: process.pid, cwd: process.cwd(), env, context, stdin: readFileSync(0, 'utf8') })}\n`,
);
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
say({ type: 'status', text: 'working' });
const change = () => appendFileSync('greeting.txt', 'hello\n');
if (manner === 'works-then-spends') change(); // whoever hears of what it used finds its work
say({ type: 'usage', inputTokens: 10, outputTokens: 2, cachedTokens: 1, costUsd: 0.25 });
const done = { type: 'result', status: 'completed', summary: 'said hello' };

switch (manner) {
  case 'ok':
    change();
    say(done);
    break;
  case 'commit-and-fail':
    change();
    execFileSync('git', ['commit', '-qam', 'feat: greet']);
    process.stderr.write('out of luck\n');
    process.exitCode = 1;
    break;
  case 'delete-worktree':
    change();
    execFileSync('git', ['commit', '-qam', 'feat: greet']);
    rmSync(process.cwd(), { recursive: true });
    say(done);
    break;
  case 'review-approved':
    change();
    writeFileSync(env.MILLRACE_RESULT_FILE, JSON.stringify({ verdict: 'approved', summary: 'fine' }));
    break;
  case 'hang-once':
    change();
    if (seen) say(done);
    else setInterval(() => {}, 1000);
    break;
  case 'works-then-spends':
    setInterval(() => {}, 1000);
    break;
  case 'crash-once':
    if (seen) {
      change();
      say(done);
    } else process.exitCode = 3;
    break;
}

// What runs in a worktree during the kill tests: an agent, a set-up command or a check, by its first argument.
// Every start looks who else lives, and says so in the log, so that an overlap is seen by the processes themselves and
// not by a sampling that may miss it. `program.mjs <agent|setup|check> <log> [milliseconds]`.
//
// An agent does what the ```chaos block of its issue says:
//   steps     commits to make, each in its own file; a resumed run goes on after the last one that is there
//   sleepMs   before each step, and of a review
//   files     uncommitted files to leave, so that keeping the work takes a moment
//   child     a child that leaves the session and would outlive the run by a minute
//   end       `no-change`: nothing is done
//   verdicts  of the reviews, by round; the last one repeats; default: approved
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [kind, logFile, pauseMs = '0'] = process.argv.slice(2);
const worktree = process.cwd();
const issue = basename(worktree).replace(/\.review$/, '');
const env = process.env;
const asked = {
  kind,
  issue,
  worktree,
  role: env.MILLRACE_ROLE ?? null,
  attempt: Number(env.MILLRACE_ATTEMPT ?? 0),
  round: Number(env.MILLRACE_ROUND ?? 0),
  session: env.MILLRACE_SESSION ?? null,
};

if (kind === 'agent') {
  // The input ends early when the worker dies between the start and the prompt.
  for await (const _ of process.stdin);
  await agent(JSON.parse(readFileSync(env.MILLRACE_CONTEXT_FILE, 'utf8')));
} else {
  begin(false);
  await sleep(Number(pauseMs));
  tell({ what: 'end' });
}

async function agent(context) {
  begin(context.resumed);
  const script = JSON.parse(/^```chaos\n([\s\S]*?)^```/m.exec(context.issue.body)[1]);
  if (context.role === 'review') {
    await sleep(script.sleepMs ?? 0);
    const verdict = script.verdicts?.[context.round - 1] ?? script.verdicts?.at(-1) ?? 'approved';
    const findings = verdict === 'approved' ? [] : [{ file: '', line: null, severity: 'major', body: 'once more' }];
    return answer({ verdict, summary: `round ${context.round}`, findings });
  }
  if (script.end === 'no-change') return answer({ status: 'no-change', summary: 'it is done already' });
  if (script.child) startChild();
  for (let step = 1; step <= (script.steps ?? 1); step++) await work(`${context.attempt}-${step}`, script);
  mkdirSync('notes', { recursive: true });
  for (let file = 0; file < (script.files ?? 1); file++)
    writeFileSync(`notes/${issue}-${context.attempt}-${file}.txt`, `${env.MILLRACE_SESSION}\n`);
  answer({ status: 'completed', summary: `${context.role} of ${issue}` });
}

/** One commit; none where a run before this one got so far. */
async function work(step, script) {
  const message = `${issue}: step ${step}`;
  if (git('log', '--format=%s', '--fixed-strings', `--grep=${message}`).split('\n').includes(message)) return;
  await sleep(script.sleepMs ?? 0);
  mkdirSync('steps', { recursive: true });
  writeFileSync(`steps/${issue}-${step}.txt`, `${message}\n`);
  git('add', '--', `steps/${issue}-${step}.txt`);
  git('commit', '--quiet', `--message=${message}`);
  tell({ what: 'commit', sha: git('rev-parse', 'HEAD') });
}

function git(...args) {
  const { status, stdout, stderr } = spawnSync('git', args, { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  tell({ what: 'problem', problem: `git ${args.join(' ')} ended with ${status}: ${stderr}` });
  process.exit(1);
}

function startChild() {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { detached: true, stdio: 'ignore' });
  child.unref();
  tell({ what: 'child', child: child.pid, childStarted: startOf(child.pid) });
}

function answer(result) {
  tell({ what: 'end' });
  process.stdout.write(`${JSON.stringify({ type: 'result', ...result })}\n`);
}

/** Tells of the start first and looks then: of two that start in one moment each sees the other. */
function begin(resumed) {
  tell({ what: 'start', resumed });
  const living = livingRuns().filter((run) => run.pid !== process.pid);
  tell({
    what: 'seen',
    beside: living.filter((run) => run.issue === issue),
    agents: 1 + living.filter((run) => run.kind === 'agent').length,
  });
}

function livingRuns() {
  const entries = readFileSync(logFile, 'utf8').trim().split('\n').map(JSON.parse);
  const runs = entries.flatMap(({ what, kind: of, issue: on, pid, started, child, childStarted }) => {
    if (what === 'start') return [{ kind: of, issue: on, pid, started }];
    return what === 'child' ? [{ kind: 'child', issue: on, pid: child, started: childStarted }] : [];
  });
  return runs.filter((run) => run.started !== null && startOf(run.pid) === run.started);
}

/** Null: it has ended. */
function startOf(pid) {
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : fields[19];
  } catch {
    return null;
  }
}

/** One write each: appended lines of several processes never mix. */
function tell(facts) {
  const own = { pid: process.pid, started: startOf(process.pid), at: Date.now() };
  appendFileSync(logFile, `${JSON.stringify({ ...asked, ...own, ...facts })}\n`);
}

#!/usr/bin/env node
// A `command` agent without a model: it does what a ```script block in the issue's text says. Demo and tests use it.
// It writes files and runs programs that the issue names: give it issues that you wrote yourself, nothing else.
//
// The block is one JSON object. Keys: `log` (a file that gets one JSON line at the start and one at the end of every
// run) and a role (`implement`, `fix`, `review`, `resolve`, `triage`) with one step or a list of steps.
// Of a list, the first step whose `when` or `once` fits is taken; else the plain steps count by review round:
// the first for round 1 (and before), the second for round 2, ...; the last one repeats.
//
// A step, in the order in which it is carried out:
//   when      {round, attempt, resumed, message, checks}: taken only then; the last three are true or false
//   once      a file outside the worktree that remembers that this step was taken: taken only once
//   requires  [path]: files that must be there (the work of a dependency); a missing one is a crash
//   say       [text]: status events; `sleepMs` is spread over them
//   sleepMs   how long the work takes
//   flood     {bytes, lineBytes = 1000}: that much noise on standard output
//   write     {path: text or lines}; append {path: text or lines}; remove [path] ("." is the worktree itself)
//   child     {ms, escapes = false}: a child that outlives the run; one that escapes has a session of its own
//   run       [[program, ...arguments]]: the first that fails decides: `failed`, or `needs-work` in a review
//   look      [{file, contains, finding}]: a review's questions; what is not contained is a finding
//   commit    message; without it the worktree is left as it is, for millrace to commit
//   usage     {inputTokens, outputTokens, cachedTokens, costUsd}
//   end       completed | no-change | failed | approved | needs-work | garbage | silent | crash | hang | deaf | limited
//             default: what `run` and `look` found, else `approved` in a review and `completed` elsewhere
//   resolved  true: a review calls every finding of the round before resolved
//   summary, findings [text or {file, line, severity, body}], resetMs (for `limited`), exit (the exit code)
//   via       event (default) | file | block: how the result is handed over (`block`: a seed's *_RESULT block)
import { spawn, spawnSync } from 'node:child_process';
import { once as event } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const worktree = process.cwd();
const contextFile = process.env.MILLRACE_CONTEXT_FILE;
if (!contextFile) {
  process.stderr.write('agent.mjs: MILLRACE_CONTEXT_FILE is not set; millrace starts this program, see README.md\n');
  process.exit(2);
}
const context = JSON.parse(readFileSync(contextFile, 'utf8'));
const reviewing = context.role === 'review';

/** Ends the run without a result, as a program with a bug does. */
class Crash extends Error {}

const script = readScript(context.issue.body);
const children = [];
// The pids that are told mean something in here alone: a worker may have put this run into a namespace of its own.
const namespace = process.platform === 'linux' ? pidNamespace() : null;
log('start');
try {
  const step = script.problem ? { end: 'failed', summary: script.problem } : chooseStep(script);
  await finish(step, await carryOut(step));
} catch (error) {
  if (!(error instanceof Crash)) throw error;
  process.stderr.write(`agent.mjs: ${error.message}\n`);
  process.exitCode = 1;
}
log('end');

/** A name for the pid namespace that no other has: Linux gives its number to the next one, not its first process's start. */
function pidNamespace() {
  const [started] = readFileSync('/proc/1/stat', 'utf8').split(') ').at(-1).split(' ').slice(19);
  return `${readlinkSync('/proc/self/ns/pid')}@${started}`;
}

function readScript(body) {
  const block = /^```script[^\S\n]*\n([\s\S]*?)^```/m.exec(body ?? '');
  if (!block) return { problem: 'no script in this issue: agent.mjs does only what a ```script block says' };
  try {
    return JSON.parse(block[1]);
  } catch (error) {
    return { problem: `the script of this issue is not JSON: ${error.message}` };
  }
}

function chooseStep(script) {
  const steps = [script[context.role] ?? []].flat();
  const special = steps.find((step) => (step.when || step.once) && fits(step));
  if (special?.once) writeOutside(special.once, `${context.session}\n`);
  const plain = steps.filter((step) => !step.when && !step.once);
  const step = special ?? plain[Math.max(context.round, 1) - 1] ?? plain.at(-1);
  if (step) return step;
  if (reviewing) return { summary: 'the script asks for nothing else' };
  return { end: 'failed', summary: `the script of this issue has no step for ${context.role}` };
}

function fits(step) {
  const facts = {
    round: context.round,
    attempt: context.attempt,
    resumed: context.resumed === true,
    message: Boolean(context.message),
    checks: (context.failedChecks ?? []).length > 0,
  };
  const asked = Object.entries(step.when ?? {}).every(([name, value]) => facts[name] === value);
  return asked && !(step.once && existsSync(step.once));
}

/** Does the step's work; returns the findings that `run` and `look` made. */
async function carryOut(step) {
  for (const path of step.requires ?? []) {
    if (!existsSync(inside(path)))
      throw new Crash(`${path} is not here: the work that this issue builds on is missing`);
  }
  await takeTime(step);
  if (step.flood) await flood(step.flood);
  for (const [path, text] of Object.entries(step.write ?? {})) put(path, text, writeFileSync);
  for (const [path, text] of Object.entries(step.append ?? {})) put(path, text, appendFileSync);
  for (const path of step.remove ?? []) rmSync(inside(path), { recursive: true, force: true });
  if (step.child) startChild(step.child);
  const findings = [...runAll(step.run ?? []), ...look(step.look ?? [])];
  if (step.commit) commit(step.commit);
  return findings;
}

async function takeTime(step) {
  const lines = step.say ?? [];
  const pause = (step.sleepMs ?? 0) / Math.max(lines.length, 1);
  for (const text of lines) {
    emit({ type: 'status', text });
    await sleep(pause);
  }
  if (lines.length === 0) await sleep(pause);
}

async function flood({ bytes, lineBytes = 1000 }) {
  const noise = Buffer.alloc(Math.min(bytes, 65536), 'x');
  let column = 0;
  for (let left = bytes; left > 0; left -= noise.length) {
    const piece = Buffer.from(noise.subarray(0, Math.min(left, noise.length)));
    for (let at = lineBytes - column - 1; at < piece.length; at += lineBytes) piece[at] = 10;
    column = (column + piece.length) % lineBytes;
    if (!process.stdout.write(piece)) await event(process.stdout, 'drain');
  }
  process.stdout.write('\n');
}

function put(path, text, write) {
  const file = inside(path);
  mkdirSync(dirname(file), { recursive: true });
  write(file, lines(text));
}

function lines(text) {
  return Array.isArray(text) ? `${text.join('\n')}\n` : text;
}

function inside(path) {
  const file = resolve(worktree, path);
  if (relative(worktree, file).startsWith('..')) throw new Crash(`${path} is outside the worktree`);
  return file;
}

/** For what must outlive the worktree: the log, and the memory of `once`. */
function writeOutside(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, text);
}

function startChild({ ms, escapes = false }) {
  const program = `setTimeout(() => {}, ${Number(ms)})`;
  const child = spawn(process.execPath, ['-e', program], { detached: escapes, stdio: 'ignore' });
  child.unref();
  children.push(child.pid);
  log('child');
}

function runAll(commands) {
  for (const [program, ...args] of commands) {
    const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
    if (status === 0) continue;
    const words = error?.message ?? `${stdout}${stderr}`.trim().slice(-1000);
    return [finding(`${[program, ...args].join(' ')} ended with ${status}: ${words}`)];
  }
  return [];
}

function look(questions) {
  return questions
    .filter(({ file, contains }) => !existsSync(inside(file)) || !readFileSync(inside(file), 'utf8').includes(contains))
    .map(({ file, finding: body }) => ({ ...finding(body), file }));
}

function finding(about) {
  const given = typeof about === 'string' ? { body: about } : about;
  return { file: '', line: null, severity: 'major', ...given };
}

function commit(message) {
  // Identity from the environment wins over these; a machine without one can still commit.
  const identity = ['-c', 'user.name=scripted agent', '-c', 'user.email=agent@localhost'];
  for (const args of [
    ['add', '--all'],
    [...identity, 'commit', '--quiet', '--allow-empty', `--message=${message}`],
  ]) {
    const { status, stderr } = spawnSync('git', args, { encoding: 'utf8' });
    if (status !== 0) throw new Crash(`git ${args.join(' ')} ended with ${status}: ${stderr}`);
  }
}

async function finish(step, found) {
  if (step.usage) emit({ type: 'usage', ...step.usage });
  if (step.exit !== undefined) process.exitCode = step.exit;
  const unhappy = found.length > 0;
  const end = step.end ?? (reviewing ? (unhappy ? 'needs-work' : 'approved') : unhappy ? 'failed' : 'completed');
  const summary = step.summary ?? found[0]?.body ?? context.issue.title;
  const findings = [...(step.findings ?? []).map(finding), ...found];
  switch (end) {
    case 'completed':
    case 'no-change':
    case 'failed':
      return handOver(step.via, { status: end, summary });
    case 'approved':
    case 'needs-work':
      return handOver(step.via, { verdict: end, summary, findings, ...judgements(step) });
    case 'garbage':
      return say('Well, on the one hand it could be approved, on the other hand it needs work. {"verdict": "appr');
    case 'silent':
      return;
    case 'limited':
      emit({ type: 'limited', resetsAt: new Date(Date.now() + (step.resetMs ?? 60_000)).toISOString() });
      process.exitCode = step.exit ?? 1;
      return;
    case 'hang':
      return sleep(2 ** 31 - 1);
    case 'deaf':
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
      return sleep(2 ** 31 - 1);
    case 'crash':
      throw new Crash(summary);
    default:
      throw new Crash(`the script knows no end "${end}"`);
  }
}

function handOver(via, result) {
  if (via === 'file') return writeFileSync(process.env.MILLRACE_RESULT_FILE, JSON.stringify(result));
  if (via === 'block') return say(block(result));
  emit({ type: 'result', ...result });
}

/** The same result in the words of the hand-run systems: a line with the block's name, then `key: value` lines. */
function block({ status, verdict, summary }) {
  if (verdict) return `REVIEW_RESULT\npr: 1\nverdict: ${verdict}\nsummary: ${summary}`;
  const done = status === 'failed' ? 'failed' : context.role === 'fix' ? 'fixed' : 'success';
  if (context.role === 'fix') return `PR_FIXER_RESULT\npr: 1\nstatus: ${done}\nchanges: ${summary}`;
  const { id, title } = context.issue;
  return `ISSUE_WORKER_RESULT\nissue: ${id}\npr: 1\nbranch: ${context.branch}\nstatus: ${done}\ntitle: ${title}\nsummary: ${summary}`;
}

function emit(object) {
  say(JSON.stringify(object));
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

/** What a review says of the findings of the round before, where its script says anything. */
function judgements({ resolved }) {
  if (!resolved) return {};
  return { earlier: context.findings.map(({ fingerprint }) => ({ finding: fingerprint, resolved: true })) };
}

function log(what) {
  if (!script.log) return;
  const { role, round, attempt, session, resumed, head, message, findings, failedChecks } = context;
  const facts = { what, at: new Date().toISOString(), pid: process.pid, namespace, children, issue: context.issue.id };
  const asked = { role, round, attempt, session, resumed, head, message, findings, failedChecks };
  writeOutside(script.log, `${JSON.stringify({ ...facts, ...asked, worktree })}\n`);
}

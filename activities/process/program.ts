import { execFile } from 'node:child_process';

/** A small trusted program (git, rm); agents and checks are run by `runProcess`. */
export interface ProgramSpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly input: string | Uint8Array;
  /** `latin1`: one character a byte. */
  readonly encoding: 'utf8' | 'latin1';
  readonly timeoutMs: number;
  /** Of each stream; more ends the program. */
  readonly maxBytes: number;
}

/** How it ended; nothing is thrown. */
export interface ProgramAnswer {
  /** Null: it did not exit by itself, and `problem` says why. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly problem: string | null;
}

/** Runs small programs, here or elsewhere. */
export type ProgramRunner = (spec: ProgramSpec) => Promise<ProgramAnswer>;

let runner: ProgramRunner = runHere;

/** Lets another process start all small programs from now on: a worker has a lighter one for that. */
export function startProgramsBy(other: ProgramRunner): void {
  runner = other;
}

/** Runs a program to its end. */
export function runProgram(spec: ProgramSpec): Promise<ProgramAnswer> {
  return runner(spec);
}

/** Runs it as a child of this very process; `abandoned` kills it when nobody waits for its answer any more. */
export async function runHere(spec: ProgramSpec, abandoned?: AbortSignal): Promise<ProgramAnswer> {
  try {
    return await start(spec, abandoned);
  } catch (error) {
    return { exitCode: null, stdout: '', stderr: '', problem: String(error) }; // an argument with a NUL
  }
}

function start(spec: ProgramSpec, abandoned: AbortSignal | undefined): Promise<ProgramAnswer> {
  const { cwd, encoding, timeoutMs: timeout, maxBytes: maxBuffer } = spec;
  return new Promise((resolve) => {
    const options = { cwd, env: { ...spec.env }, encoding, timeout, maxBuffer };
    const child = execFile(spec.file, [...spec.args], options, (error, stdout, stderr) => {
      abandoned?.removeEventListener('abort', kill);
      resolve({ stdout, stderr, ...endOf(error, spec) });
    });
    const kill = () => void child.kill('SIGKILL');
    abandoned?.addEventListener('abort', kill, { once: true });
    child.stdin?.on('error', () => {}); // it may end without reading its input
    child.stdin?.end(spec.input);
  });
}

type ExecError = Error & { code?: number | string | null; killed?: boolean; signal?: string | null };

function endOf(error: ExecError | null, spec: ProgramSpec): Pick<ProgramAnswer, 'exitCode' | 'problem'> {
  if (!error) return { exitCode: 0, problem: null };
  if (typeof error.code === 'number') return { exitCode: error.code, problem: null };
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return { exitCode: null, problem: `printed more than ${spec.maxBytes / 1024 / 1024} MB` };
  if (error.killed) return { exitCode: null, problem: `timed out after ${spec.timeoutMs} ms` };
  return { exitCode: null, problem: error.signal ? `ended by ${error.signal}` : error.message };
}

import { spawn } from 'node:child_process';
import { until } from '../processes.ts';

/** What a program came to. */
export interface Ran {
  /** Null: ended by a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** Standard output as one JSON document. */
  json<T>(): T;
}

/** A program under way. */
export interface Running {
  readonly pid: number;
  /** Never rejects. */
  readonly ended: Promise<Ran>;
  /** Standard output and error so far, as they came. */
  text(): string;
  /** Waits until it has said something. @throws Error with all that it said, when it ended or took too long. */
  said(words: string | RegExp, withinMs?: number): Promise<void>;
  /** Does nothing to a program that has ended. */
  signal(name: NodeJS.Signals): void;
}

export interface ProgramSpec {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Then it is killed. */
  readonly withinMs: number;
}

/** Starts a program and gathers what it says; standard input is empty. */
export function startProgram({ argv, cwd, env, withinMs }: ProgramSpec): Running {
  const [program, ...args] = argv;
  const child = spawn(program!, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  let [out, err, both, over] = ['', '', '', false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => void ((out += text), (both += text)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void ((err += text), (both += text)));
  const ended = new Promise<Ran>((resolve) => {
    child.on('error', (error) => void (both += String(error)));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      over = true;
      resolve({ code, signal, out, err, json: () => parsed(out, both) });
    });
  });
  return {
    pid: child.pid ?? 0,
    ended,
    text: () => both,
    async said(words, within = 120_000) {
      const has = () => (typeof words === 'string' ? both.includes(words) : words.test(both));
      await until(() => has() || over, within);
      if (!has()) throw new Error(`it never said ${String(words)}, but:\n${both}`);
    },
    signal(name) {
      if (!over) child.kill(name);
    },
  };
}

function parsed<T>(out: string, both: string): T {
  try {
    return JSON.parse(out) as T;
  } catch {
    throw new Error(`no JSON document, but:\n${both}`);
  }
}

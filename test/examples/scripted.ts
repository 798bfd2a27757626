import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** The scripted agent as millrace starts it; one JSON object a line on stdout, other lines are text. */
export interface ScriptedRun {
  readonly exitCode: number | undefined;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly text: string;
  readonly stderr: string;
}

/** One run to make: where, on which issue text, and what differs from a first `implement`. */
export interface ScriptedAsk {
  /** Holds the worktree `tree` and the files of the contract. */
  readonly folder: string;
  readonly body: string;
  readonly context?: Readonly<Record<string, unknown>>;
  /** Sent once the agent has printed its first line. */
  readonly signal?: NodeJS.Signals;
}

const agent = new URL('../../examples/agent.mjs', import.meta.url).pathname;

/** Starts `examples/agent.mjs` by the contract of the `command` agent and waits for its end; 20 s at most. */
export async function runScripted({ folder, body, context, signal }: ScriptedAsk): Promise<ScriptedRun> {
  const contextFile = join(folder, 'context.json');
  const issue = { id: 'a', key: 'a', title: 'An issue', body, labels: [], files: [], priority: 'medium' };
  const asked = { version: 1, role: 'implement', round: 0, attempt: 1, session: 's-1', resumed: false, message: null };
  const found = { findings: [], reviewSummary: null, failedChecks: [], branch: 'millrace/a', head: 'unborn' };
  await writeFile(contextFile, JSON.stringify({ ...asked, ...found, issue, ...context }));
  const child = execa('node', [agent], {
    cwd: join(folder, 'tree'),
    env: { MILLRACE_CONTEXT_FILE: contextFile, MILLRACE_RESULT_FILE: join(folder, 'result.json') },
    input: 'the prompt',
    reject: false,
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  if (signal) child.stdout.once('data', () => child.kill(signal));
  const { exitCode, stdout, stderr } = await child;
  const lines = stdout.split('\n').filter(Boolean);
  const events = lines
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { exitCode, events, text: lines.filter((line) => !line.startsWith('{"')).join('\n'), stderr };
}

/** An issue's text with a script in it. */
export function scriptBody(script: unknown): string {
  return `# An issue\n\n\`\`\`script\n${JSON.stringify(script)}\n\`\`\`\n`;
}

import { cleanLine } from '../../workflows/domain/words.ts';

/** Fields that say nothing to a person: when and where a line was written, and stacks. */
const silent: readonly string[] = ['level', 'time', 'ts', 'pid', 'hostname', 'msg', 'stack', 'err', 'logging-call-at'];

/** From this level on a line is for the person at the terminal: warnings, errors, and the end of the worker. */
const WARNING = 40;

const levels: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [WARNING, 'warning'],
  [50, 'error'],
  [60, 'error'],
  ['warn', 'warning'],
  ['error', 'error'],
  ['fatal', 'error'],
]);

/** Longest sentence; the log has the rest. */
const LENGTH = 500;

/** A line of the worker's or the server's log as one sentence; a line that is no JSON object stays as it is. */
export function logSentence(line: string): string {
  const entry = entryOf(line);
  if (!entry) return cleanLine(line, LENGTH);
  const level = levels.get(entry['level']);
  const cause = (entry['err'] as { readonly message?: unknown } | undefined)?.message;
  const facts = Object.entries(entry).flatMap(([name, value]) =>
    silent.includes(name) ? [] : [`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`],
  );
  const sentence = [entry['msg'], cause].filter((each) => typeof each === 'string' && each !== '').join(': ');
  const more = facts.length > 0 ? ` (${facts.join(', ')})` : '';
  return cleanLine(`${level ? `${level}: ` : ''}${sentence}${more}`, LENGTH);
}

/** Whether a line of the worker's log is for the person at the terminal; one that is no JSON object may be a crash. */
export function isForTerminal(line: string): boolean {
  const entry = entryOf(line);
  return entry === null || Number(entry['level']) >= WARNING || entry['msg'] === 'ready';
}

function entryOf(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return null; // a line that was cut
  }
}

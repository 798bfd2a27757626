import { cleanLine, cleanText } from '../../workflows/domain/words.ts';

/** How much of a line a person reads; tools put whole files on one line. */
const LONGEST = 2_000;

/** The same line again within so many lines is a repetition. */
const LATELY = 12;

/** Keys under which coding tools put words for people. */
const speaking = [
  'text',
  'result',
  'summary',
  'thinking',
  'reasoning',
  'message',
  'content',
  'delta',
  'error',
  'part',
  'item',
  'output',
];

/** Keys that name what a tool was asked to do. */
const asking = ['command', 'file_path', 'filePath', 'path', 'pattern', 'query', 'url'];

/** A transcript (one JSON record a line) as text: what the agent said and which tools it used. */
export function transcriptText(records: string): string {
  const told: string[] = [];
  for (const record of records.split('\n')) {
    if (record === '') continue;
    const lines = textOf(record).filter((line) => line.trim() !== '');
    // Tools repeat a text once it is complete, and again with the whole turn.
    const lately = told.slice(-LATELY);
    told.push(...lines.filter((line) => !lately.includes(line)));
  }
  return told.join('\n');
}

function textOf(record: string): readonly string[] {
  const { line, stream } = parse(record) as { readonly line?: unknown; readonly stream?: unknown };
  if (typeof line !== 'string') return [];
  const mark = stream === 'stderr' ? '! ' : '';
  const said = line.trimStart().startsWith('{') ? words(parse(line)) : [line];
  return said.flatMap((each) => cleanText(each.slice(0, LONGEST)).split('\n')).map((each) => `${mark}${each}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {}; // a kill cut the line
  }
}

/** The words for people in a tool's event, at any depth; a call of a tool as `[name] what it is asked to do`. */
function words(event: unknown): readonly string[] {
  if (typeof event === 'string') return [event];
  if (Array.isArray(event)) return event.flatMap(words);
  if (typeof event !== 'object' || event === null) return [];
  const entries = new Map(Object.entries(event));
  const call = callOf(entries);
  if (call !== null) return [call];
  return speaking.flatMap((key) => words(entries.get(key)));
}

function callOf(entries: ReadonlyMap<string, unknown>): string | null {
  if (entries.get('type') === 'command_execution') return `[command] ${cleanLine(String(entries.get('command')), 200)}`;
  const name = entries.get('name') ?? entries.get('tool') ?? entries.get('tool_name');
  const state = entries.get('state');
  const input = ['input', 'args', 'arguments', 'parameters'].map((key) => entries.get(key)).find(Boolean) ?? state;
  if (typeof name !== 'string' || typeof input !== 'object' || input === null) return null;
  const values = new Map(Object.entries((input as { readonly input?: object }).input ?? input));
  const about = asking.map((key) => values.get(key)).find((value) => typeof value === 'string');
  return `[${name}] ${cleanLine(typeof about === 'string' ? about : JSON.stringify(input), 200)}`;
}

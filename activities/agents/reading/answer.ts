import { parseClaim, parseClaimText, type ParsedClaim } from './claim.ts';
import { createResultBlocks } from './result-block.ts';
import type { Conclusion } from '../agent.ts';

/** The last words of an agent that came to its end by itself. */
export interface Answer {
  /** What the tool calls the answer to our schema: an object, or its JSON; left out: it has none. */
  readonly structured?: unknown;
  readonly text: string;
  /** Text of the result file; null: it was not written. */
  readonly resultFile: string | null;
}

/**
 * What last words come to. The readings, first one first: structured output, the result file, the last JSON in the text,
 * a result block. One that does not validate gives way to a later one that does; its problem is told where none does.
 */
export function conclusionOf(answer: Answer): Conclusion {
  const readings = [...structured(answer.structured), ...file(answer.resultFile), ...inText(answer.text)];
  const good = readings.find((reading) => reading.ok);
  if (good) return { kind: 'claimed', claim: good.claim };
  const problem = readings.find((reading) => !reading.ok)?.problem ?? 'the agent ended without a result';
  return { kind: 'unclaimed', problem, summary: answer.text.trim() };
}

function structured(value: unknown): readonly ParsedClaim[] {
  if (value === undefined || value === null) return [];
  return [typeof value === 'string' ? parseClaimText(value) : parseClaim(value)];
}

function file(text: string | null): readonly ParsedClaim[] {
  return text === null || text.trim() === '' ? [] : [parseClaimText(text)];
}

function inText(text: string): readonly ParsedClaim[] {
  const json = jsonIn(text);
  const blocks = createResultBlocks();
  for (const line of text.split('\n')) blocks.line(line);
  const block = blocks.result();
  return [...(json === undefined ? [] : [parseClaim(json)]), ...(block === null ? [] : [parseClaim(block)])];
}

/** The last fenced block that is JSON; else the whole text, or its last line, where that is an object. */
function jsonIn(text: string): unknown {
  const fenced = Array.from(
    text.matchAll(/^[ \t]*```(?:json)?[ \t]*\n([\s\S]*?)^[ \t]*```/gm),
    ([, body = '']) => body,
  );
  const bare = [text.trim(), text.trim().split('\n').at(-1) ?? ''].filter((each) => /^\{[\s\S]*\}$/.test(each));
  for (const candidate of [...fenced.reverse(), ...bare]) {
    const value = parsed(candidate);
    if (typeof value === 'object' && value !== null) return value;
  }
  return undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

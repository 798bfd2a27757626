import type { z } from 'zod';

/** Reads a line as one of a tool's events; null: it is none, or one that does not matter. Never throws. */
export function parseEvent<T>(schema: z.ZodType<T>, line: string): T | null {
  if (!/^\s*\{/.test(line)) return null;
  try {
    return schema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/** What a person sees of a text or a tool call while an agent runs: one short line. */
export function shortLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 500) ?? '';
}

import { cleanLine } from '../../workflows/domain/words.ts';

/** Quotes a piece of the user's input in a message: one line, at most 60 characters. */
export function quote(text: string): string {
  return `"${cleanLine(text, 60)}"`;
}

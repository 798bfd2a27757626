import { cleanLine } from '../../workflows/domain/words.ts';

/** A piece of the user's input as it is quoted in a message: one line, at most 60 characters. */
export function quote(text: string): string {
  return `"${cleanLine(text, 60)}"`;
}

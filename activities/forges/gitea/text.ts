import { headOf } from '../../text/cut.ts';

/** Longest title of Gitea, in bytes; it cuts what is longer, in the middle of a character too. */
const TITLE_BYTES = 255;

/** A title as Gitea would keep it: what it makes of ours has to be equal to what we sent. */
export function titleOf(text: string): string {
  const wellFormed = Buffer.from(text).toString('utf8');
  const line = wellFormed.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return headOf(line, TITLE_BYTES).trimEnd();
}

import { headOf } from '../../text/cut.ts';

/** Gitea's longest title in bytes; it cuts longer ones, even in the middle of a character. */
const TITLE_BYTES = 255;

/** A title as Gitea keeps it, so that what it stores equals what we sent. */
export function titleOf(text: string): string {
  const wellFormed = Buffer.from(text).toString('utf8');
  const line = wellFormed.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return headOf(line, TITLE_BYTES).trimEnd();
}

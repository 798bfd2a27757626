import { cutText, visibleLine, visibleText } from '../text/visible.ts';
import type { ForgeIssue, IssueComment } from '../forges/issue.ts';

/** Longest title, the same as in plans: forges cut at 255 bytes. */
const TITLE_LENGTH = 120;

/** Longest text of one issue with its comments: as much as a prompt holds beside the rest. */
const TEXT_BYTES = 64 * 1024;

/** How much of that is for comments. Where there are more, the newest are kept: they were said last. */
const COMMENT_BYTES = 24 * 1024;

/** The title of a forge's issue, on one line. */
export function issueTitle({ title, number }: Pick<ForgeIssue, 'title' | 'number'>): string {
  return visibleLine(title, TITLE_LENGTH) || `Issue ${number}`;
}

/** A forge's issue as Markdown for an agent: its text as people see it, then the comments. */
export function issueBody(issue: Pick<ForgeIssue, 'body'>, comments: readonly IssueComment[]): string {
  const said = commentText(comments);
  const room = TEXT_BYTES - Buffer.byteLength(said) - 100; // for the note that something was cut
  const text = cutText(visibleText(issue.body).trim(), room);
  return `${text || '(There is no text besides the title.)'}${said}`;
}

function commentText(comments: readonly IssueComment[]): string {
  const texts: string[] = [];
  let room = COMMENT_BYTES;
  for (const { author, body, updatedAt } of comments.toReversed()) {
    const date = new Date(updatedAt).toISOString().slice(0, 10);
    const words = visibleText(body).trim();
    if (words === '') continue;
    const text = `\n\n### ${visibleLine(author.login, 100)}, ${date}\n\n${words}`;
    // A comment too long for the room is cut and kept: it may be the only one.
    const kept = texts.length === 0 ? cutText(text, room - 100) : text;
    room -= Buffer.byteLength(kept);
    if (room < 0) break;
    texts.unshift(kept);
  }
  if (texts.length === 0) return '';
  const left = comments.length - texts.length;
  const earlier = left > 0 ? `\n\n(${left} of ${comments.length} are left out.)` : '';
  return `\n\n## Comments${earlier}${texts.join('')}`;
}

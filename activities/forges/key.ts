import { createHash } from 'node:crypto';
import { ForgeError } from '../failure/forge-error.ts';

/** Names an effect, so that repeating it changes nothing: `[A-Za-z0-9._/-]+`, kept in a hidden marker. */
export type Key = string;

/** Key of an issue's pull request, together with its branch. */
export function pullKey(issueKey: string): Key {
  return `issue/${issueKey}`;
}

/** Key of the one status comment of an issue. */
export function statusKey(issueKey: string): Key {
  return `issue/${issueKey}/status`;
}

/** Key of the one issue that a plan's task is filed as. */
export function taskKey(issueKey: string): Key {
  return `task/${issueKey}`;
}

/** Key of the one inline comment of a finding. */
export function findingKey(fingerprint: string): Key {
  return `finding/${fingerprint}`;
}

/** Key of the review of one sha in one round. */
export function reviewKey(review: { readonly pull: number; readonly sha: string; readonly round: number }): Key {
  return `review/${review.pull}/${review.sha}/${review.round}`;
}

/** Adds the hidden marker by which the text is found again. @throws ForgeError `invalid` for a key that could end the marker. */
export function marked(key: Key, body: string): string {
  if (!/^[A-Za-z0-9._/-]+$/.test(key))
    throw new ForgeError('invalid', `not a key: ${JSON.stringify(key.slice(0, 80))}`);
  return `${body.trimEnd()}\n\n<!-- millrace-key: ${key} -->\n`;
}

/** The key in the last marker of a body; null: it has none. It counts only if we are the author. */
export function keyIn(body: string): Key | null {
  return [...body.matchAll(/<!-- millrace-key: ([A-Za-z0-9._/-]+) -->/g)].at(-1)?.[1] ?? null;
}

/** Hash of an issue's text: a plan is approved for exactly this one. */
export function textHashOf({ title, body }: { readonly title: string; readonly body: string }): string {
  return createHash('sha256').update(`${title}\n\n${body}`).digest('hex');
}

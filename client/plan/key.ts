import { createHash } from 'node:crypto';

/** Longest key: with the prefix and 40 characters of title a branch name stays under 100. */
const LENGTH = 48;

/**
 * Makes an id safe for refs, paths and workflow ids: `[A-Za-z0-9_-]{1,48}`, never with a leading dash.
 * A safe id is its own key; any other gets 8 hex digits of its sha256, so that two ids never share a key.
 */
export function issueKey(id: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]{0,47}$/.test(id)) return id;
  const safe = id
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, LENGTH - 9)
    .replace(/-+$/, '');
  return `${safe || 'issue'}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;
}

/** Keys that a person may mean: status lines put a # before numbers, and a plan may have it in the id itself. */
export function issueKeys(id: string): readonly string[] {
  return [...new Set([id, id.replace(/^#/, '')])].map(issueKey);
}

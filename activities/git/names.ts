import { basename } from 'node:path';

/** Full sha of a commit, SHA-1. */
const sha = /^[0-9a-f]{40}$/;
const key = /^[A-Za-z0-9_-]{1,64}$/;
/** Ours only: no leading dash, no `..`, no `@{`, no space, nothing that ends in `.lock`. */
const branch = /^millrace\/[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;
/** A private ref of an attempt, also the one beside it (`<attempt>-<12 hex>`). */
const privateRef = /^refs\/millrace\/[A-Za-z0-9_-]{1,64}\/[0-9]{1,9}(-[0-9a-f]{12})?$/;
/** The one form that is ever pushed to a branch of ours. */
const refspec = /^[0-9a-f]{40}:refs\/heads\/millrace\/[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;

const kinds = { sha, key, branch, 'private ref': privateRef, refspec } as const;

/** Returns the name if it is safe as a path, a ref and an argument. @throws Error otherwise: such a name is a bug. */
export function checked(kind: keyof typeof kinds, value: string): string {
  if (!kinds[kind].test(value)) throw new Error(`not a ${kind}: ${JSON.stringify(value.slice(0, 200))}`);
  return value;
}

/** Whether a text is a full sha. */
export function isSha(value: string): boolean {
  return sha.test(value);
}

/** The branch that a person configured, as a ref. @throws Error for a name that git or a shell could misread. */
export function headRef(name: string): string {
  const plain = /^[^\s\p{Cc}~^:?*[\\-][^\s\p{Cc}~^:?*[\\]*$/u.test(name);
  const odd = /\.\.|@\{|\/\/|^\/|(^|\/)\.|\.lock(\/|$)|[/.]$/.test(name);
  if (!plain || odd || name === '@' || basename(name) === '') throw new Error(`not a branch: ${JSON.stringify(name)}`);
  return `refs/heads/${name}`;
}

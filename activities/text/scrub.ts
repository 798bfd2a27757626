import { hideRemembered } from './known-secrets.ts';

/** Shapes of credentials that turn up in messages of git, agents and forges. */
const secrets: readonly RegExp[] = [
  /gh[pousr]_[A-Za-z0-9]{16,}/g,
  /github_pat_[A-Za-z0-9_]{16,}/g,
  /glpat-[A-Za-z0-9_-]{16,}/g,
  /sk-ant-[A-Za-z0-9_-]{16,}/g,
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
];

/** `://user:password@` of a URL; bounded, so that a long text takes linear time. */
const urlPassword = /:\/\/[^\s/@"'\\]{1,512}@/g;

/** `Authorization: token X` as HTTP clients print it. */
const authorization = /\b(authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:basic|bearer|token)\s{1,3})[^\s"'\\,]{1,4096}/gi;

/** Replaces what looks like a credential by `***`: a last safety net, not a reason to print secrets. */
export function scrub(text: string): string {
  const known = secrets.reduce((rest, secret) => rest.replace(secret, '***'), hideRemembered(text));
  return known.replace(urlPassword, '://***@').replace(authorization, '$1***');
}

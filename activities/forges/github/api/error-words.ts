import { z } from 'zod';
import { cleanLine } from '../../../../workflows/domain/words.ts';
import type { Told } from './limit.ts';

const WORDS = 500;

const item = z.union([
  z.string(),
  z.object({
    message: z.string().nullish(),
    resource: z.string().nullish(),
    field: z.string().nullish(),
    code: z.string().nullish(),
  }),
]);

const problem = z.object({ message: z.string().default(''), errors: z.union([z.string(), z.array(item)]).nullish() });

/** GitHub's words in the body of an answer, on one line; of a proxy's page only the beginning. */
export function wordsIn(text: string): string {
  const parsed = problem.safeParse(jsonOf(text));
  if (!parsed.success) return cleanLine(text.replace(/<[^>]*>/g, ' '), WORDS) || 'no words';
  const { message, errors } = parsed.data;
  const details = (typeof errors === 'string' ? [errors] : (errors ?? [])).map(detailOf);
  return cleanLine([message, ...details].filter((part) => part !== '').join(': '), WORDS) || 'no words';
}

/** What the credential lacks, as far as the headers tell. */
export function scopeWords({ status, headers }: Told): string {
  if (status !== 403 && status !== 404 && status !== 200) return '';
  const needs = said(headers['x-accepted-github-permissions']);
  const has = headers['x-oauth-scopes'];
  const accepted = said(headers['x-accepted-oauth-scopes']);
  const granted = has === undefined ? [] : listOf(String(has));
  const isShort = has !== undefined && accepted !== '' && !listOf(accepted).some((scope) => granted.includes(scope));
  const sso = said(headers['x-github-sso']).startsWith('required')
    ? '; the token has to be authorized for single sign-on'
    : '';
  const rights = status === 403 && needs !== '' ? `; the token needs ${needs}` : '';
  const scopes = isShort ? `; the token has the scopes [${granted.join(', ')}] and needs one of [${accepted}]` : '';
  const hidden = status === 404 && !isShort ? '; or the token may not see it' : '';
  return `${rights}${scopes}${sso}${hidden}`;
}

/** Scopes as GitHub lists them. */
export function listOf(header: string): readonly string[] {
  return header.split(',').flatMap((part) => part.trim() || []);
}

function detailOf(detail: z.infer<typeof item>): string {
  if (typeof detail === 'string') return detail;
  if (detail.message) return detail.message;
  return [[detail.resource, detail.field].filter(Boolean).join('.'), detail.code].filter(Boolean).join(' ');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function said(header: string | number | undefined): string {
  return header === undefined
    ? ''
    : String(header)
        .replace(/[^\x20-\x7e]/g, '')
        .slice(0, 200);
}

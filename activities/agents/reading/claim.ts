import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Finding, Judgement } from '../../../workflows/domain/review.ts';
import { cut } from '../../../workflows/domain/words.ts';
import type { Claim } from '../agent.ts';

/** A claim that was read, or what is wrong with the text that should have been one. */
export type ParsedClaim =
  | { readonly ok: true; readonly claim: Claim }
  | { readonly ok: false; readonly problem: string };

/** Most findings of one review; more would not be read. */
const MOST_FINDINGS = 50;
/** Longest body of a finding, and longest summary; characters. */
const LONGEST_TEXT = 4096;

const text = (longest: number) => z.string().transform((value) => cut(value, longest));

/** Names a finding: eight hexadecimal digits, with or without the mark that a prompt shows them by. */
const fingerprintSchema = z
  .string()
  .regex(/^#?[0-9a-f]{8}$/)
  .transform((name) => name.replace('#', ''));

const findingSchema = z
  .object({
    file: text(1024)
      .nullish()
      .transform((file) => file ?? ''),
    line: z
      .union([
        z.number().int().positive(),
        z
          .string()
          .regex(/^\d{1,9}$/)
          .transform(Number),
      ])
      .nullish()
      .catch(null)
      .transform((line) => line ?? null),
    severity: text(40)
      .nullish()
      .transform((severity) => severity ?? 'unspecified'),
    body: text(LONGEST_TEXT),
    fingerprint: fingerprintSchema.optional().catch(undefined),
  })
  .transform((finding): Finding => ({ ...finding, fingerprint: finding.fingerprint ?? fingerprintOf(finding) }));

const judgementSchema = z.object({ finding: fingerprintSchema, resolved: z.boolean() }) satisfies z.ZodType<Judgement>;

const reviewSchema = z.object({
  verdict: z.enum(['approved', 'needs-work']),
  summary: text(LONGEST_TEXT)
    .nullish()
    .transform((summary) => summary ?? ''),
  findings: z
    .array(z.unknown())
    .nullish()
    .transform((findings) => (findings ?? []).slice(0, MOST_FINDINGS))
    .pipe(z.array(findingSchema)),
  earlier: z
    .array(z.unknown())
    .nullish()
    .catch(null)
    .transform((judgements) => (judgements ?? []).flatMap((each) => judgementSchema.safeParse(each).data ?? [])),
});

const workSchema = z.object({
  status: z.enum(['completed', 'no-change', 'failed']),
  summary: text(LONGEST_TEXT)
    .nullish()
    .transform((summary) => summary ?? ''),
});

/** Parses a result, from an event, the result file or a block; a problem is a sentence for the agent. */
export function parseClaim(value: unknown): ParsedClaim {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, problem: 'the result is not a JSON object' };
  }
  if ('verdict' in value) {
    const parsed = reviewSchema.safeParse(value);
    if (!parsed.success) return problemOf(parsed.error);
    const { earlier, ...review } = parsed.data;
    return { ok: true, claim: { kind: 'review', ...review, judgements: earlier } };
  }
  if ('status' in value) {
    const parsed = workSchema.safeParse(value);
    return parsed.success ? { ok: true, claim: { kind: 'work', ...parsed.data } } : problemOf(parsed.error);
  }
  return { ok: false, problem: 'the result has neither a status nor a verdict' };
}

/** Parses the text of a result file. */
export function parseClaimText(json: string): ParsedClaim {
  try {
    return parseClaim(JSON.parse(json));
  } catch {
    return { ok: false, problem: 'the result file is not JSON' };
  }
}

/** The same finding in other white space or another case is the same; so is one that moved to another line. */
function fingerprintOf({ file, body }: { readonly file: string; readonly body: string }): string {
  const words = body.toLowerCase().replace(/\s+/g, ' ').trim();
  return createHash('sha256').update(`${file}\n${words}`).digest('hex').slice(0, 8);
}

function problemOf(error: z.ZodError): ParsedClaim {
  const sentences = error.issues.slice(0, 3).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return { ok: false, problem: `the result does not validate: ${sentences.join('; ')}` };
}

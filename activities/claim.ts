import { z } from 'zod';
import type { Finding } from '../workflows/domain/review.ts';

/** What an agent says about its run; a claim, never a fact. */
export type Claim =
  | { readonly kind: 'work'; readonly status: 'completed' | 'no-change' | 'failed'; readonly summary: string }
  | {
      readonly kind: 'review';
      readonly verdict: 'approved' | 'needs-work';
      readonly summary: string;
      readonly findings: readonly Finding[];
    };

export type ParsedClaim =
  | { readonly ok: true; readonly claim: Claim }
  | { readonly ok: false; readonly problem: string };

/** Most findings of one review; more would not be read. */
const MOST_FINDINGS = 50;
/** Longest body of a finding, and longest summary; characters. */
const LONGEST_TEXT = 4096;

const text = (longest: number) => z.string().transform((value) => cut(value, longest));

const findingSchema = z.object({
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
}) satisfies z.ZodType<Finding>;

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
    return parsed.success ? { ok: true, claim: { kind: 'review', ...parsed.data } } : problemOf(parsed.error);
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

function problemOf(error: z.ZodError): ParsedClaim {
  const sentences = error.issues.slice(0, 3).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return { ok: false, problem: `the result does not validate: ${sentences.join('; ')}` };
}

/** Cuts between characters, never inside one. */
export function cut(value: string, longest: number): string {
  if (value.length <= longest) return value;
  return `${value.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

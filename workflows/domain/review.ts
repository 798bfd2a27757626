/** Name of the commit status that carries our verdict on a commit; users' branch rules may require it. */
export const reviewContext = 'millrace/review';

/** One point that a review made. */
export interface Finding {
  /** Path in the repository; empty: the work as a whole. */
  readonly file: string;
  readonly line: number | null;
  readonly severity: string;
  readonly body: string;
  /** Identifies it over all rounds, by its file and its words. Left out by earlier versions. */
  readonly fingerprint?: string;
  /** False: it is noted only, and no reason for a fix. Left out by earlier versions: it blocks. */
  readonly blocking?: boolean;
}

/** What a reviewer says of a finding of the round before. */
export interface Judgement {
  /** Its fingerprint. */
  readonly finding: string;
  readonly resolved: boolean;
}

/** What a review decided. */
export type Verdict = 'approved' | 'needs-work';

/** Artifact: what a review decided, parsed when it came in. */
export interface ReviewDocument {
  readonly version: 1;
  /** What was reviewed. */
  readonly head: string;
  readonly round: number;
  readonly verdict: Verdict;
  readonly summary: string;
  /** The blocking ones first: unresolved ones of earlier rounds, then new ones; what is only noted comes last. */
  readonly findings: readonly Finding[];
  /** What the reviewer itself said, if the verdict differs from it. */
  readonly said?: Verdict;
  /** Findings of the round before that are resolved. */
  readonly resolved?: readonly Finding[];
}

/** The findings that have to be resolved. */
export function blockingFindings({ findings }: Pick<ReviewDocument, 'findings'>): readonly Finding[] {
  return findings.filter(({ blocking }) => blocking !== false);
}

/** The findings that ask for nothing. */
export function notedFindings({ findings }: Pick<ReviewDocument, 'findings'>): readonly Finding[] {
  return findings.filter(({ blocking }) => blocking === false);
}

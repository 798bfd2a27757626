/** Name of the commit status that says what the review of a commit came to; other things may rely on it. */
export const reviewContext = 'millrace/review';

/** One point that a review made. */
export interface Finding {
  /** Path in the repository; empty: the work as a whole. */
  readonly file: string;
  readonly line: number | null;
  readonly severity: string;
  readonly body: string;
  /** Names it over all rounds, by its file and its words. Left out by earlier versions. */
  readonly fingerprint?: string;
  /** False: noted, and no reason to go on. Left out by earlier versions: it blocks. */
  readonly blocking?: boolean;
}

/** What a reviewer says of a finding of the round before. */
export interface Judgement {
  /** Its fingerprint. */
  readonly finding: string;
  readonly resolved: boolean;
}

export type Verdict = 'approved' | 'needs-work';

/** Artifact: what a review decided, parsed at our door. */
export interface ReviewDocument {
  readonly version: 1;
  /** What was reviewed. */
  readonly head: string;
  readonly round: number;
  readonly verdict: Verdict;
  readonly summary: string;
  /** The blocking ones first: unresolved ones of earlier rounds, then new ones; what is only noted comes last. */
  readonly findings: readonly Finding[];
  /** The reviewer's own word, where the verdict is another one. */
  readonly said?: Verdict;
  /** Findings of the round before that are resolved. */
  readonly resolved?: readonly Finding[];
}

/** The findings that have to be resolved. */
export function blockingFindings({ findings }: Pick<ReviewDocument, 'findings'>): readonly Finding[] {
  return findings.filter(({ blocking }) => blocking !== false);
}

/** The findings that nobody has to do anything about. */
export function notedFindings({ findings }: Pick<ReviewDocument, 'findings'>): readonly Finding[] {
  return findings.filter(({ blocking }) => blocking === false);
}

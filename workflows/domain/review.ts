/** One point that a review made. */
export interface Finding {
  /** Path in the repository; empty: the work as a whole. */
  readonly file: string;
  readonly line: number | null;
  readonly severity: string;
  readonly body: string;
}

/** Artifact: what a review decided, parsed at our door. */
export interface ReviewDocument {
  readonly version: 1;
  /** What was reviewed. */
  readonly head: string;
  readonly round: number;
  readonly verdict: 'approved' | 'needs-work';
  readonly summary: string;
  readonly findings: readonly Finding[];
}

/** What to clean up on one host. */
export interface CleanupInput {
  readonly version: 1;
  readonly host: string;
  /** Say what would be removed, and remove nothing. */
  readonly dryRun: boolean;
}

/** One thing on a host's disk, and what became of it. */
export interface CleanupItem {
  readonly path: string;
  /** `kept`: an open issue needs it, or nobody knows whether one does. `refused`: it holds work that is on no ref. */
  readonly action: 'removed' | 'would-remove' | 'kept' | 'refused';
  /** For people. */
  readonly reason: string;
}

/** What a clean-up did. */
export interface CleanedUp {
  readonly version: 1;
  readonly items: readonly CleanupItem[];
}

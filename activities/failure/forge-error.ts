import type { ForgeErrorKind } from '../../workflows/domain/forge/error-kind.ts';

/** What a forge adapter throws: the kind decides what happens next, status and message are for people. */
export class ForgeError extends Error {
  override readonly name = 'ForgeError';
  readonly kind: ForgeErrorKind;
  /** What was asked of the forge (`POST /repos/o/r/pulls`); null: nothing, or it is in the message. */
  readonly operation: string | null;
  /** HTTP status; null where no answer came or the forge speaks no HTTP. */
  readonly status: number | null;
  /** How long the forge asked us to wait; null: it did not say. */
  readonly retryAfterMs: number | null;

  constructor(kind: ForgeErrorKind, message: string, facts: ForgeErrorFacts = {}) {
    super(message);
    this.kind = kind;
    this.operation = facts.operation ?? null;
    this.status = facts.status ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
  }
}

/** What is known of a forge's refusal besides its kind; each is left out where it is unknown. */
export interface ForgeErrorFacts {
  readonly operation?: string;
  readonly status?: number;
  readonly retryAfterMs?: number;
}

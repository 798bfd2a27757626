import { ExitError, exitCodes } from '../input/errors.ts';

/** Why there is no Temporal to talk to. */
export type TemporalFailureKind =
  /** No way led to an executable of the Temporal CLI. */
  | 'cli-missing'
  /** What we fetched is not what we pinned; it was deleted. */
  | 'cli-wrong-hash'
  /** The embedded server does not come up. */
  | 'start-failed'
  /** Nobody was asked to start a server and none runs. */
  | 'not-running'
  /** The server that the user named does not answer. */
  | 'unreachable'
  /** The server answers and refuses: credentials, namespace, search attributes. */
  | 'refused';

/** Temporal is not there (exit code 3); the message says where we looked and the next thing to type. */
export class TemporalUnavailable extends ExitError {
  override readonly name = 'TemporalUnavailable';
  readonly exitCode = exitCodes.temporal;
  readonly kind: TemporalFailureKind;

  constructor(kind: TemporalFailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

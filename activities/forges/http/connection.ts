import type { ForgePlace } from '../../../workflows/domain/settings.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { Pace } from '../pace.ts';
import type { RemoteReader } from '../../git/remote.ts';

/** Longest wait for one answer: a big server under load takes seconds, a lost one for ever. */
export const ANSWER_MS = 30_000;

/** What an adapter needs to speak to its repository. */
export interface Connection {
  readonly place: ForgePlace;
  readonly credential: Credential;
  readonly pace: Pace;
  /** The same repository by git: tips of branches and what contains what, exact at once where an API lags. */
  readonly remote: RemoteReader;
  /** False: no waits between requests besides those of `pace`, for a server that limits nothing. Left out: true. */
  readonly spacing?: boolean;
}

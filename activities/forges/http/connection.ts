import type { ForgePlace } from '../../../workflows/domain/settings.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { Pace } from '../pace.ts';
import type { RemoteReader } from '../../git/remote.ts';

/** Longest wait for one answer: a loaded server takes seconds, a lost connection never answers. */
export const ANSWER_MS = 30_000;

/** What an adapter needs to speak to its repository. */
export interface Connection {
  readonly place: ForgePlace;
  readonly credential: Credential;
  readonly pace: Pace;
  /** The same repository by git: branch tips and ancestry, exact at once while an API lags. */
  readonly remote: RemoteReader;
}

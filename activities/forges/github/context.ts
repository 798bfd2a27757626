import type { RemoteReader } from '../../git/remote.ts';
import type { Account } from '../account.ts';
import type { GithubClient } from './api/client.ts';
import type { AuthoredIndex } from './own-index.ts';

/** What the parts of the adapter share: requests, who we are, what we wrote, and the repository by git. */
export interface GithubContext {
  readonly client: GithubClient;
  readonly me: () => Promise<Account>;
  readonly authored: AuthoredIndex;
  readonly remote: RemoteReader;
}

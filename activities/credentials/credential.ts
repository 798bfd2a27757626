import { createHash } from 'node:crypto';
import { rememberSecret } from '../text/known-secrets.ts';

/** Who we are to a forge; the secret leaves it only through `token()`, for one request or one git command. */
export interface Credential {
  /** Names the account in limiters, files and logs: 16 hexadecimal digits of a hash over server and secret. */
  readonly id: string;
  /** Where it was found, for people: `GITHUB_TOKEN`, `gh auth token`, `GitHub App 12345`. */
  readonly source: string;
  /** User name for git over HTTP; left out: the token decides, and any name will do. */
  readonly user?: string;
  /** Valid for at least a minute. @throws ForgeError `auth`. */
  token(): Promise<string>;
}

/** What a credential is made of. */
export interface CredentialFacts {
  readonly server: string;
  /** Distinguishes this account from others on that server; the secret itself if there is nothing else. */
  readonly account: string;
  readonly source: string;
  readonly user?: string;
  readonly token: () => Promise<string>;
}

/** Makes a credential whose tokens `scrub` knows before anybody can print them. */
export function createCredential({ server, account, token, ...shown }: CredentialFacts): Credential {
  const id = createHash('sha256')
    .update(`${new URL(server).origin}\0${account}`)
    .digest('hex')
    .slice(0, 16);
  return {
    ...shown,
    id,
    async token() {
      const secret = await token();
      rememberSecret(secret);
      return secret;
    },
  };
}

/** Whether a text can be a token: a line break would end a header or a line of git's protocol. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7E]{1,4096}$/.test(text);
}

import type { ForgePlace } from '../../workflows/domain/settings.ts';
import type { Credential } from './credential.ts';

/** Environment variables, as the worker or a test has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** One place to look for a credential. If it has none it says why, in words that can follow a semicolon. */
export type CredentialSource = (place: ForgePlace, env: Variables) => Promise<Credential | NoCredential>;

/** Where a credential was looked for in vain. */
export interface NoCredential {
  readonly tried: string;
}

/** Whether two addresses are one server: same scheme, host and port. A text that is no address never is. */
export function isSameServer(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) return false;
  const { origin } = new URL(one);
  return origin !== 'null' && origin === new URL(other).origin;
}

/** Whether a place is github.com itself, the only server that `GH_TOKEN` and `GITHUB_TOKEN` are for. */
export function isGithubCom(place: ForgePlace): boolean {
  return isSameServer(place.url, 'https://github.com');
}

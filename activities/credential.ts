/** Who we are towards a forge; the secret itself leaves it only as `token()`, for one request or one git command. */
export interface Credential {
  /** Names the account in limiters, files and logs: 16 hexadecimal digits of a hash over server and secret. */
  readonly id: string;
  /** Where it was found, for people: `GITHUB_TOKEN`, `gh auth token`, `GitHub App 12345`. */
  readonly source: string;
  /** Valid for at least a minute. @throws ForgeError `auth`. */
  token(): Promise<string>;
}

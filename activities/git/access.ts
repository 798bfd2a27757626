import type { Credential } from '../credentials/credential.ts';
import { isSameServer } from '../credentials/source.ts';
import { ForgeError } from '../failure/forge-error.ts';
import type { Repository } from '../repository/repository.ts';

/** Who git is to one address over HTTP. */
export interface GitAccess {
  /** As commands name it; the credential is shown to no other address. */
  readonly remote: string;
  readonly credential: () => Promise<Credential>;
}

/** Access to a repository's remote; null: git needs none there, or the credential is for another server. */
export function accessTo({ settings, credential }: Pick<Repository, 'settings' | 'credential'>): GitAccess | null {
  const { remote } = settings.repository;
  if (!credential || !isHttp(remote) || !isSameServer(settings.place?.url ?? remote, remote)) return null;
  return { remote, credential };
}

/** Whether git speaks HTTP to that address. */
export function isHttp(remote: string): boolean {
  return /^https?:\/\//i.test(remote) && URL.canParse(remote);
}

/** On GitHub and Gitea the token alone decides. */
const anyUser = 'x-access-token';

/** Speaks git's credential helper protocol. `printf` is built into the shell, so no process carries the token as an argument. */
const helper =
  '!f() { if [ "$1" = get ]; then printf "username=%s\\npassword=%s\\n" "$MILLRACE_GIT_USER" "$MILLRACE_GIT_TOKEN"; fi; }; f';

/**
 * Variables for one git process: a helper that answers for exactly that origin, ignoring all others. Only the
 * process and its children see them: configuration by variables stands in no file and in no argument.
 */
export async function accessEnv({ remote, credential }: GitAccess): Promise<Readonly<Record<string, string>>> {
  const found = await credential();
  const [user, token] = [found.user ?? anyUser, await found.token()];
  // A line break would start a new line in the helper's answer.
  if (/[\0-\x1F\x7F]/.test(`${user}${token}`))
    throw new ForgeError('auth', `${found.source} holds a control character`);
  return {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'credential.helper',
    GIT_CONFIG_VALUE_0: '', // forgets those that a file names
    GIT_CONFIG_KEY_1: `credential.${new URL(remote).origin}.helper`,
    GIT_CONFIG_VALUE_1: helper,
    MILLRACE_GIT_USER: user,
    MILLRACE_GIT_TOKEN: token,
  };
}

import { forgeFacts, forgeNamed, type ForgeKind } from '../../workflows/domain/forge-facts.ts';
import type { ForgePlace } from '../../workflows/domain/settings.ts';
import { UsageError } from '../input/errors.ts';
import type { WhereWritten } from './reading.ts';
import { readOrigin, type Origin } from './repository/origin.ts';
import { withoutCredentials, type Remote } from './repository/remote.ts';

interface PushInput {
  readonly kind: ForgeKind;
  readonly place: ForgePlace;
  readonly remote: Remote;
  readonly where: WhereWritten;
}

/**
 * Branches go to origin and pull requests to the forge: both must be the same repository.
 * @throws UsageError where their addresses show that they are two.
 */
export function requireOneRepository({ kind, place, remote, where }: PushInput): void {
  const { url, owner, name } = place;
  const address = `${url}/${owner}/${name}.git`;
  if (remote.kind === 'path') {
    throw new UsageError({
      where: where(['forge']),
      what: `forge: ${kind}: branches would be pushed to ${remote.url}, a path on this disk, where ${url} does not find them`,
      mend: `give this clone an origin there: \`git remote add origin ${address}\` (where it has one: \`git remote set-url origin ${address}\`)`,
    });
  }
  const origin = readOrigin(remote);
  if (origin === null || isRepository(origin, place)) return;
  throw new UsageError({
    where: where(['forge', 'repo']),
    what: `branches would be pushed to origin ${withoutCredentials(remote.url)}, and pull requests opened in ${owner}/${name} at ${url}; from a fork none are opened`,
    mend: `have both name one repository: \`git remote set-url origin ${address}\`, or name that of origin (\`--repo\`, \`forge: { ... }\`)`,
  });
}

function isRepository(origin: Origin, { url, owner, name }: ForgePlace): boolean {
  const names = origin.path.slice(-2).map((part) => part.toLowerCase());
  if (names.join('/') !== `${owner}/${name}`.toLowerCase()) return false;
  // The credential is not sent to another scheme, host or port, and nothing can be pushed without it.
  if (origin.isWeb) return origin.server === new URL(url).origin;
  // The name that ssh goes by may be one of its own configuration; but nobody calls something else by GitHub's name.
  const host = new URL(origin.server).hostname;
  const named = forgeNamed(host);
  return named === null || canonical(host, named) === canonical(new URL(url).hostname, named);
}

/** One name for all names of a forge's own server. */
function canonical(host: string, kind: ForgeKind): string {
  const { home } = forgeFacts[kind];
  return home?.hosts.test(host) ? new URL(home.url).hostname : host;
}

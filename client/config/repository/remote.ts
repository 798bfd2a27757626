import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UserRepository } from './locate.ts';

/** Where branches and landings go. */
export interface Remote {
  readonly url: string;
  /** On this machine's disk: git runs no other transport for it. */
  readonly kind: 'path' | 'network' | 'helper';
}

/** Reads `origin` as git does; a path on disk is made absolute, and without an origin it is the repository itself. */
export function remoteOf(repository: UserRepository): Remote {
  const { origin } = repository;
  if (origin === null) return { url: repository.path, kind: 'path' };
  // `ext::sh -c ...` and the like run programs.
  if (/^[A-Za-z0-9]+::/.test(origin)) return { url: origin, kind: 'helper' };
  if (/^file:\/\//i.test(origin)) return fileRemote(origin);
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(origin)) return { url: origin, kind: 'network' };
  // `host:path` is ssh unless a slash comes before the colon.
  if (/^[^/]+:/.test(origin)) return { url: origin, kind: 'network' };
  return { url: resolve(repository.workingTree ?? repository.path, origin), kind: 'path' };
}

/** A remote for people: without a user's name or password. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/@]*@/, '$1');
}

/** Safe name of a repository in ids and paths: its folder's name and 12 hex digits of its remote. */
export function repositoryKey(path: string, remote: Remote): string {
  const slug = basename(path)
    .replace(/\.git$/, '')
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  const canonical = withoutCredentials(remote.url).replace(/\/+$/, '');
  return `${slug || 'repository'}-${createHash('sha256').update(canonical).digest('hex').slice(0, 12)}`;
}

function fileRemote(origin: string): Remote {
  try {
    return { url: fileURLToPath(origin), kind: 'path' };
  } catch {
    // A file URL that names another host.
    return { url: origin, kind: 'network' };
  }
}

import type { Remote } from './remote.ts';

/** What a network address says about a forge. */
export interface Origin {
  /** Address of the server as a browser has it, as far as one can tell; without a path. */
  readonly server: string;
  /** The path's parts, the last one without `.git`. */
  readonly path: readonly string[];
  /** Whether the web pages have the same path, so that anything before OWNER/NAME belongs to the server. */
  readonly isWeb: boolean;
  /** The address without name and password, if it contains a secret that must not be written to files; null: it contains none. */
  readonly withoutSecret: string | null;
}

/** `host:path`, perhaps with a name in front; an address with `//` is not one. */
const SCP = /^(?:[^@/:]+@)?(\[[0-9a-fA-F:.]+\]|[^/:@[\]]+):(?!\/\/)(.*)$/s;

/** Reads a remote's address; null: it is on this disk, or says nothing. */
export function readOrigin(remote: Remote): Origin | null {
  if (remote.kind !== 'network') return null;
  const scp = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(remote.url) ? null : SCP.exec(remote.url);
  if (scp) return fromHost(scp[1]!, { path: scp[2]!, withoutSecret: null });
  const url = URL.canParse(remote.url) ? new URL(remote.url) : null;
  if (url === null || url.hostname === '') return null;
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  // ssh needs a name; over HTTP a name alone may be a token.
  const isSecret = url.password !== '' || (isWeb && url.username !== '');
  const clean = new URL(url.href);
  clean.password = '';
  if (isWeb) clean.username = '';
  const withoutSecret = isSecret ? clean.href : null;
  if (!isWeb) return fromHost(url.hostname, { path: url.pathname, withoutSecret });
  return { server: url.origin, path: partsOf(url.pathname), isWeb, withoutSecret };
}

/** A server reached by another protocol is assumed to have its web pages at https under the same name. */
function fromHost(host: string, rest: { readonly path: string; readonly withoutSecret: string | null }): Origin | null {
  const address = `https://${host}`;
  if (!URL.canParse(address)) return null;
  return {
    server: new URL(address).origin,
    path: partsOf(rest.path),
    isWeb: false,
    withoutSecret: rest.withoutSecret,
  };
}

function partsOf(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((part, index) => (index === parts.length - 1 ? part.replace(/\.git$/, '') : part));
}

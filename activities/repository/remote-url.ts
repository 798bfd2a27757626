/** A remote's address, apart from the login that a person wrote into it. */
export interface PlainRemote {
  /** Without name and password: arguments, messages and files may hold it. */
  readonly url: string;
  /** Null: it held no password. */
  readonly login: { readonly user: string; readonly password: string } | null;
}

/** Takes name and password out of an HTTP address; any other address is left as it is. */
export function plainRemote(remote: string): PlainRemote {
  if (!/^https?:\/\/[^/]*@/i.test(remote) || !URL.canParse(remote)) return { url: remote, login: null };
  const url = new URL(remote);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (password === '') return { url: url.href, login: null };
  return { url: url.href, login: { user: decoded(username), password: decoded(password) } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign
  }
}

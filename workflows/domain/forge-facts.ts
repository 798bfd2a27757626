/** Where the forges differ, for what is decided before any of them is asked. */
export interface ForgeFacts {
  /** It answers over HTTP: it has a place, a credential, issues, and CI. */
  readonly hasServer: boolean;
  /** What its own merging on green is bound to. `request`: to the commit, only when it is asked for; `nothing`: to none. */
  readonly autoMerge: 'request' | 'nothing' | 'none';
  /** It tells what a credential may read, and not whether it may write. */
  readonly hidesWriting: boolean;
  /** It makes merge commits, and neither squashes nor rebases. */
  readonly mergeCommitsOnly: boolean;
  /** Names of its servers; `others`: whatever no other forge claims; null: it has none. */
  readonly hosts: RegExp | 'others' | null;
  /** The server that is meant where none is named, and all names of it; null: one has to be named. */
  readonly home: { readonly url: string; readonly hosts: RegExp } | null;
  /** A server may lie below a path: its repositories have more than an owner before their names. */
  readonly mayLieBelow: boolean;
}

const table = {
  local: {
    hasServer: false,
    autoMerge: 'none',
    hidesWriting: false,
    mergeCommitsOnly: true,
    hosts: null,
    home: null,
    mayLieBelow: false,
  },
  github: {
    hasServer: true,
    autoMerge: 'request',
    hidesWriting: true, // it tells the account's role, and the scopes of classic tokens alone
    mergeCommitsOnly: false,
    hosts: /^(?:(?:www|ssh)\.)?github\.com$|\.ghe\.com$/,
    home: { url: 'https://github.com', hosts: /(?:^|\.)github\.com$/ },
    mayLieBelow: false,
  },
  gitea: {
    hasServer: true,
    autoMerge: 'nothing',
    hidesWriting: false,
    mergeCommitsOnly: false,
    hosts: 'others',
    home: null,
    mayLieBelow: true,
  },
} as const satisfies Readonly<Record<string, ForgeFacts>>;

/** The forges that a configuration can name. */
export type ForgeKind = keyof typeof table;

/** Those with a server. */
export type RemoteForgeKind = {
  [Kind in ForgeKind]: (typeof table)[Kind]['hasServer'] extends true ? Kind : never;
}[ForgeKind];

/** A row here, one where its credential is found, one where it is made, and its adapter make a new forge. */
export const forgeFacts: Readonly<Record<ForgeKind, ForgeFacts>> = table;

/** All kinds, in the order in which they are shown. */
export const forgeKinds = Object.keys(table) as readonly ForgeKind[];

/** Whether a forge of this kind answers over HTTP. */
export function hasServer(kind: ForgeKind): kind is RemoteForgeKind {
  return forgeFacts[kind].hasServer;
}

/** The forge whose servers have such a name; null: no forge claims it. */
export function forgeNamed(host: string): ForgeKind | null {
  return forgeKinds.find((kind) => hasName(forgeFacts[kind], host)) ?? null;
}

/** What a server is taken for until the configuration says otherwise. */
export function forgeAt(host: string): ForgeKind {
  return forgeNamed(host) ?? forgeKinds.find((kind) => forgeFacts[kind].hosts === 'others') ?? 'local';
}

function hasName({ hosts }: ForgeFacts, host: string): boolean {
  return hosts instanceof RegExp && hosts.test(host);
}

/** Version of the Temporal CLI that we fetch: server 1.31.2, UI 2.50.1. */
export const pinnedVersion = '1.8.2';

/**
 * Oldest CLI that we run when the user has one: the first release with server 1.31, whose flags and dynamic
 * configuration ours were tried on. An older one ends at a flag that it does not know.
 */
export const minimumVersion = '1.8.0';

/** Where the official archives lie; `MILLRACE_TEMPORAL_MIRROR` stands in for it. */
export const officialAddress = 'https://temporal.download';

/** One executable that we may fetch. */
export interface PinnedExecutable {
  /** `linux-x64`. */
  readonly platform: string;
  /** Of the executable itself, not of what it is packed in; hex. */
  readonly sha256: string;
  /** Below the official address or the mirror: a `.tar.gz` with `temporal` and `LICENSE`. */
  readonly archive: string;
}

/** The release is reproducible: these came out bit for bit when built from the tag c579925f193f. */
const executables: Readonly<Record<string, { readonly sha256: string; readonly query: string }>> = {
  'linux-x64': {
    sha256: '95e6043afbbcf71137d3c953e83969e24217ca746bf535dbde561fed83a188e9',
    query: 'platform=linux&arch=amd64',
  },
  'linux-arm64': {
    sha256: '13b951331692851476ce087a2a63e56fcf9f6ec65434ae18560c902f92b1d97b',
    query: 'platform=linux&arch=arm64',
  },
  'darwin-x64': {
    sha256: '36e14609a3bc8eb96eecc50d89e73f8ea9f12855ad4148a88a6f91930fb16239',
    query: 'platform=darwin&arch=amd64',
  },
  'darwin-arm64': {
    sha256: 'e16fc1396c19f87e29e453a78b6be62249397fea06ed0207d1c5f205eb5042bb',
    query: 'platform=darwin&arch=arm64',
  },
};

/** The executable for a platform as Node names it; null where we pinned none. */
export function pinnedExecutable(platform: string, arch: string): PinnedExecutable | null {
  const name = `${platform}-${arch}`;
  const known = Object.hasOwn(executables, name) ? executables[name] : undefined;
  return known
    ? { platform: name, sha256: known.sha256, archive: `/cli/archive/v${pinnedVersion}?${known.query}` }
    : null;
}

/** Version in the output of `temporal --version`; null when it is no Temporal CLI that speaks. */
export function parseCliVersion(output: string): string | null {
  return /^temporal version (\d+\.\d+\.\d+)/m.exec(output)?.[1] ?? null;
}

/** Whether a CLI is new enough to be run by us. */
export function isSupported(version: string): boolean {
  return version.localeCompare(minimumVersion, 'en', { numeric: true }) >= 0; // numeric: 1.10.0 is newer than 1.8.0
}

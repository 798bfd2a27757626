import { forgeAt, forgeFacts, hasServer, type ForgeKind } from '../../workflows/domain/forge-facts.ts';
import type { ForgePlace } from '../../workflows/domain/settings.ts';
import { UsageError } from '../input/errors.ts';
import { quote } from '../input/text.ts';
import type { WhereWritten } from './reading.ts';
import { readOrigin, type Origin } from './repository/origin.ts';
import type { ForgeFlags } from './overrides.ts';
import { requireOneRepository } from './pushing.ts';
import { withoutCredentials, type Remote } from './repository/remote.ts';
import type { WrittenConfig } from './schema.ts';

/** Which forge, and where. */
export interface FoundForge {
  readonly forge: ForgeKind;
  /** Null: it has no server. */
  readonly place: ForgePlace | null;
}

interface PlaceInput {
  readonly written: WrittenConfig;
  readonly flags: ForgeFlags;
  readonly remote: Remote;
  readonly where: WhereWritten;
  /** Whether branches are pushed to origin. */
  readonly pushes: boolean;
}

/** Finds the forge from flags, file and origin, in that order. @throws UsageError where they do not say enough. */
export function resolveForge({ written, flags, remote, where, pushes }: PlaceInput): FoundForge {
  const origin = readOrigin(remote);
  const file = written.forge ?? 'auto';
  const named = flags.kind ?? (typeof file === 'object' ? file.kind : file);
  const kind = named === 'auto' ? kindOf(origin) : named;
  if (!hasServer(kind)) return { forge: kind, place: null };
  // The file's lines about another forge do not apply to this one.
  const inFile = typeof file === 'object' && file.kind === kind ? file : null;
  const url = flags.url ?? inFile?.url ?? null;
  const repo = flags.repo ?? inFile?.repo ?? null;
  if (origin?.withoutSecret != null) {
    throw new UsageError({
      where: `origin ${withoutCredentials(origin.withoutSecret)}`,
      what: 'its URL holds a name or a password, which would end up in files and messages',
      mend: `take it out: \`git remote set-url origin ${origin.withoutSecret}\`; the credential is found as \`millrace doctor\` shows`,
    });
  }
  const names = namesOf(repo, origin, { kind, hasUrl: url !== null });
  if (names === null) {
    throw new UsageError({
      where: where(['forge']),
      what: `forge: ${kind}: ${saysOf(remote)} names no repository OWNER/NAME`,
      mend:
        pushes && remote.kind === 'path'
          ? 'give this clone an origin there: `git remote add origin https://HOST/OWNER/NAME.git`'
          : `write \`forge: { kind: ${kind}, url: https://HOST, repo: OWNER/NAME }\`, or give \`--repo OWNER/NAME\``,
    });
  }
  const [owner, name] = names.map((each) => safeName(each, where(['forge', 'repo']))) as [string, string];
  const server = url === null ? serverOf(kind, origin) : serverAt(url, where(['forge', 'url']));
  if (server === null) {
    throw new UsageError({
      where: where(['forge']),
      what: `forge: ${kind}: ${saysOf(remote)} names no server`,
      mend: `write \`forge: { kind: ${kind}, url: https://HOST, repo: ${owner}/${name} }\`, or give \`--forge-url https://HOST\``,
    });
  }
  const place = { url: server, owner, name };
  if (pushes) requireOneRepository({ kind, place, remote, where });
  return { forge: kind, place };
}

function kindOf(origin: Origin | null): ForgeKind {
  return origin === null ? 'local' : forgeAt(new URL(origin.server).hostname);
}

/** OWNER and NAME; null: nothing names them. */
function namesOf(
  repo: string | null,
  origin: Origin | null,
  known: { readonly kind: ForgeKind; readonly hasUrl: boolean },
): readonly string[] | null {
  if (repo !== null) return repo.split('/').length === 2 ? repo.split('/') : null;
  if (origin === null || origin.path.length < 2) return null;
  // A server may lie below a path, which only a web address or its own line tells from an owner.
  const mayBeBelow = forgeFacts[known.kind].mayLieBelow && (origin.isWeb || known.hasUrl);
  return origin.path.length === 2 || mayBeBelow ? origin.path.slice(-2) : null;
}

function serverOf(kind: ForgeKind, origin: Origin | null): string | null {
  const { home, mayLieBelow } = forgeFacts[kind];
  if (origin === null) return home?.url ?? null;
  if (home?.hosts.test(new URL(origin.server).hostname)) return home.url;
  const below = origin.isWeb && mayLieBelow ? origin.path.slice(0, -2) : [];
  return [origin.server, ...below].join('/');
}

/** The address that a person wrote, as a browser shows it. */
function serverAt(address: string, where: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
  if (!isPlain || url.username !== '' || url.password !== '') {
    const what = `${quote(withoutCredentials(address))} is not the address of a server`;
    throw new UsageError({
      where,
      what,
      mend: 'write it as a browser has it, without a name: `https://git.example.com`',
    });
  }
  // People copy the address of the API as often as the address of the pages.
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/api\/v[13]$/, '')}`;
}

function safeName(name: string, where: string): string {
  if (/^[A-Za-z0-9._-]{1,100}$/.test(name) && name !== '.' && name !== '..') return name;
  const what = `${quote(name)} is not the name of an owner or a repository`;
  throw new UsageError({ where, what, mend: 'write OWNER/NAME of letters, digits, `.`, `_` and `-`: `acme/shop`' });
}

function saysOf({ url, kind }: Remote): string {
  return kind === 'path' ? 'a path on this disk as origin' : `origin ${withoutCredentials(url)}`;
}

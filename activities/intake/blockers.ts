import { dependencyReferences, type Reference } from '../../workflows/domain/plan/dependencies.ts';
import type { ForgePlace } from '../../workflows/domain/settings.ts';
import { visibleLine, visibleText } from '../text/visible.ts';
import type { Forge } from '../forges/forge.ts';
import type { ForgeIssue, IssueAddress } from '../forges/issue.ts';
import { unless } from '../forges/http/unless.ts';
import { once } from '../host/once.ts';
import { Refused } from '../failure/refusal.ts';

/** What must be done before an issue can start. */
export interface Blockers {
  /** Numbers of blockers in the selection, or in the batch that it is added to. */
  readonly inside: readonly number[];
  /** A sentence about the first open blocker outside the selection; null when there is none. */
  readonly outside: string | null;
}

/** Which issues a selection is made of, and where. */
export interface SelectionScope {
  /** Of the selection, and of the batch that it is added to. */
  readonly numbers: ReadonlySet<number>;
  readonly keepsDependencies: boolean;
  readonly place: ForgePlace;
}

type Readable = Pick<Forge, 'issue' | 'pull' | 'blockedBy' | 'isOpenElsewhere'>;

/** Finds what blocks each issue of a selection; a blocker outside it is asked for once. @throws Refused for numbers that do not exist. */
export function createBlockers(
  forge: Readable,
  { numbers, keepsDependencies, place }: SelectionScope,
): (issue: ForgeIssue) => Promise<Blockers> {
  const stateOf = once((number: number) => blockerState(forge, number));
  const elsewhere = once((slug: string) => heldElsewhere(forge, slug));
  return async (issue) => {
    const told = keepsDependencies ? await forge.blockedBy(issue.number) : { here: [], elsewhere: [] };
    const named = dependencyReferences(visibleText(issue.body)).map((each) => resolved(each, place));
    const here = named.flatMap((each) => (typeof each === 'number' ? each : []));
    const all = [...new Set([...here, ...told.here])];
    const inside = all.filter((number) => numbers.has(number));
    let outside: string | null = null;
    for (const number of all) {
      if (numbers.has(number)) continue;
      const its = await stateOf(number);
      if (its === 'absent') throw absent(issue.number, number);
      if (its === 'open') outside ??= `it waits for #${number}, which is open and not among these`;
    }
    for (const slug of told.elsewhere) outside ??= openElsewhere(slug);
    for (const slug of new Set(named.flatMap((each) => (typeof each === 'string' ? each : []))))
      outside ??= await elsewhere(slug);
    return { inside, outside };
  };
}

/** A number of this repository, or `owner/name#12` of another one, after its server's address where the server differs. */
function resolved({ repository, number }: Reference, { url, owner, name }: ForgePlace): number | string {
  if (repository === null) return number;
  const server = `${url}/`.toLowerCase();
  const isHere = repository.toLowerCase().startsWith(server);
  const slug = (isHere ? repository.slice(server.length) : repository).toLowerCase();
  return slug === `${owner}/${name}`.toLowerCase() ? number : `${slug}#${number}`;
}

async function heldElsewhere(forge: Readable, slug: string): Promise<string | null> {
  const address = addressOf(slug);
  const isOpen = address === null ? null : await forge.isOpenElsewhere(address);
  if (isOpen === true) return openElsewhere(slug);
  if (isOpen === false) return null;
  return `its text says that it waits for ${visibleLine(slug, 200)}, which cannot be read: take that line out once it is done`;
}

function openElsewhere(slug: string): string {
  return `it waits for ${visibleLine(slug, 200)}, which is open in another repository`;
}

/** Null: it is on another server, or no repository can have that name. */
function addressOf(slug: string): IssueAddress | null {
  const [, owner = '', name = '', number] = /^([\w.-]+)\/([\w.-]+)#(\d+)$/.exec(slug) ?? [];
  const isName = [owner, name].every((each) => /[^.]/.test(each)); // `..` would climb out of the address's path
  return isName ? { owner, name, number: Number(number) } : null;
}

/** A pull request counts too: people give its number and mean the work. */
async function blockerState(forge: Readable, number: number): Promise<'open' | 'done' | 'absent'> {
  const issue = await forge.issue(number).catch(unless('not-found'));
  if (issue) return issue.state === 'open' ? 'open' : 'done';
  const pull = await forge.pull(number).catch(unless('not-found'));
  if (!pull) return 'absent';
  return pull.state === 'open' ? 'open' : 'done';
}

function absent(issue: number, number: number): Refused {
  const what = `#${issue} depends on #${number}, which does not exist`;
  return new Refused([{ where: `#${issue}`, what, mend: `correct its text or its dependencies on the forge` }]);
}

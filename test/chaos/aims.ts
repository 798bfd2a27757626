import { join } from 'node:path';
import { layoutOf, namesIn, readAttempts } from '../support/e2e/facts.ts';
import { readLog, type LogEntry } from './log.ts';

/** Where the effects of a batch are seen from outside, so that the product needs no hook for tests. */
export interface Sight {
  readonly stateRoot: string;
  readonly log: string;
}

/** A moment in the life of an issue, as all that shows that it has come: what is new here since the aim was the sign. */
type Moment = (at: Sight) => readonly string[];

/** In the order of an issue's life. */
const moments = {
  'set-up under way': told((entry) => entry.what === 'start' && entry.kind === 'setup'),
  'agent at work': told((entry) => entry.what === 'commit'),
  'agent has a child': told((entry) => entry.what === 'child'),
  'agent has ended': told((entry) => entry.what === 'end' && entry.kind === 'agent' && entry.role !== 'review'),
  'end is journalled': (at) =>
    readAttempts(layoutOf(at.stateRoot)).flatMap(({ key, attempt, journal }) =>
      journal.conclusion !== null && journal.committed === null ? [`${key} ${attempt}`] : [],
    ),
  'work is on its private ref': (at) => {
    const refs = join(layoutOf(at.stateRoot).mirror, 'refs', 'millrace');
    const keys = namesIn(refs).filter((key) => key !== 'base');
    return keys.flatMap((key) => namesIn(join(refs, key)).map((name) => `${key} ${name}`));
  },
  'check under way': told((entry) => entry.what === 'start' && entry.kind === 'check'),
  'push under way': told((entry) => entry.what === 'pre-receive' && entry.ref.includes('/millrace/')),
  'push has arrived': told((entry) => entry.what === 'post-receive' && entry.ref.includes('/millrace/')),
  'pull request is on disk': records('pulls'),
  'review under way': told((entry) => entry.what === 'start' && entry.kind === 'agent' && entry.role === 'review'),
  'review is posted': records('statuses'),
  'landing under way': told((entry) => entry.what === 'pre-receive' && entry.ref === 'refs/heads/main'),
  'landing has arrived': told((entry) => entry.what === 'post-receive' && entry.ref === 'refs/heads/main'),
} satisfies Record<string, Moment>;

export type AimName = keyof typeof moments;

/** Takes aim; the answer tells, each time it is asked, whether the moment came since. */
export function takeAim(name: AimName, at: Sight): () => boolean {
  const signs = () => (namesIn(join(at.stateRoot, 'repositories')).length === 0 ? [] : moments[name](at));
  const before = new Set(signs());
  return () => signs().some((sign) => !before.has(sign));
}

function told(matches: (entry: LogEntry) => boolean): Moment {
  return ({ log }) => readLog(log).flatMap((entry, line) => (matches(entry) ? [String(line)] : []));
}

function records(kind: 'pulls' | 'statuses'): Moment {
  return ({ stateRoot }) => namesIn(join(layoutOf(stateRoot).forge, kind)).filter((name) => name.endsWith('.json'));
}

/** Every moment that can be aimed at. */
export const aimNames = Object.keys(moments) as readonly AimName[];

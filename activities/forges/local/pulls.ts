import { pullRecord, type PullRecord } from './schema.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Records } from './records.ts';
import type { RemoteReader } from '../../git/remote.ts';

/** The local forge's pull requests as files, found without reading every file each time. */
export interface PullStore {
  /** @throws ForgeError `not-found`. */
  read(number: number): Promise<PullRecord>;
  /** Oldest first. */
  find(matches: (facts: PullFacts) => boolean): Promise<readonly PullRecord[]>;
  /** Takes the next free number, never the same twice; the file is complete when this returns. */
  add(draft: Omit<PullRecord, 'version' | 'number'>): Promise<PullRecord>;
  write(record: PullRecord): Promise<void>;
  /** Reads, changes and writes with no other writer in between; not inside `alone`. */
  update(number: number, change: (record: PullRecord) => PullRecord): Promise<PullRecord>;
}

/** What never changes about a pull request. */
export interface PullFacts {
  readonly number: number;
  readonly key: string;
  readonly branch: string;
  readonly issueKey: string;
}

/** The pull requests in `records`; remembers their facts, not their texts. */
export function createPullStore(records: Records): PullStore {
  const facts = new Map<number, PullFacts>();

  const load = async (number: number): Promise<PullRecord | null> => {
    const record = await records.read(`pulls/${number}`, pullRecord);
    if (!record || record.number === number) return record;
    throw new ForgeError('response-invalid', `the record of #${number} is a copy of #${record.number}'s: remove it`);
  };
  const numbers = async (): Promise<readonly number[]> => {
    const names = await records.list('pulls');
    return names.flatMap((name) => (/^[1-9]\d{0,8}$/.test(name) ? [Number(name)] : []));
  };
  const learn = async (number: number): Promise<PullFacts | undefined> => {
    const record = facts.has(number) ? null : await load(number);
    if (record) facts.set(number, factsOf(record));
    return facts.get(number);
  };
  const read = async (number: number): Promise<PullRecord> => {
    const record = Number.isSafeInteger(number) && number > 0 ? await load(number) : null;
    if (record) return record;
    throw new ForgeError('not-found', `there is no pull request #${number}`);
  };
  const write = (record: PullRecord) => records.write(`pulls/${record.number}`, record);

  return {
    read,
    write,
    async find(matches) {
      const found: PullRecord[] = [];
      for (const number of (await numbers()).toSorted((a, b) => a - b)) {
        const known = await learn(number);
        const record = known && matches(known) ? await load(number) : null;
        if (record) found.push(record);
      }
      return found;
    },
    async add(draft) {
      let number = Math.max(0, ...(await numbers())) + 1;
      for (;;) {
        const record: PullRecord = { version: 1, number, ...draft };
        if (await records.create(`pulls/${number}`, record)) return record;
        number += 1; // another process took it since we looked
      }
    },
    update: (number, change) =>
      records.alone(async () => {
        const record = await read(number);
        const changed = change(record);
        if (changed !== record) await write(changed);
        return changed;
      }),
  };
}

/** Updates pull requests from the remote: pushes move heads, and a merge counts whoever made it. */
export async function refreshPulls(
  store: PullStore,
  remote: RemoteReader,
  pulls: readonly PullRecord[],
): Promise<readonly PullRecord[]> {
  const open = pulls.filter((pull) => pull.state === 'open');
  const tips = await remote.tips([...new Set(open.flatMap((pull) => [pull.branch, pull.base]))]);
  const headOf = (pull: PullRecord) => tips.get(pull.branch) ?? pull.head;
  const merged = new Map<PullRecord, string>();
  for (const base of new Set(open.map((pull) => pull.base))) {
    const tip = tips.get(base);
    if (tip === undefined) continue;
    const ours = open.filter((pull) => pull.base === base);
    const contained = await remote.contained(tip, [...new Set(ours.flatMap((pull) => [pull.head, headOf(pull)]))]);
    // The head that we last saw must be contained too: a branch reset to its base was not merged.
    for (const pull of ours) if (contained.has(pull.head) && contained.has(headOf(pull))) merged.set(pull, tip);
  }
  return Promise.all(
    pulls.map(async (pull) => {
      const mergeSha = merged.get(pull);
      if (mergeSha === undefined) return pull.state === 'open' ? { ...pull, head: headOf(pull) } : pull;
      const seen = { head: headOf(pull), state: 'merged', mergeSha } as const;
      return store.update(pull.number, (now) => (now.state === 'open' ? { ...now, ...seen } : now));
    }),
  );
}

function factsOf(record: PullRecord): PullFacts {
  return { number: record.number, key: record.key, branch: record.branch, issueKey: record.issue.key };
}

import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addUsage, noUsage, type Usage } from '../../workflows/domain/attempt.ts';
import { namesIn } from '../host/plain-file.ts';

/** Names who used something: one attempt of a batch. */
export interface LedgerEntry {
  readonly batch: string;
  readonly issue: string;
  readonly attempt: number;
}

/** What the attempts of one repository used on this host, by batch and by night, including those that are running. */
export interface Ledger {
  /** Replaces what was noted of an attempt before; `keep` puts it on disk. */
  note(entry: LedgerEntry, usage: Usage): void;
  keep(entry: LedgerEntry): Promise<void>;
  batch(batch: string): Usage;
  /** Used by all attempts of the present night: from noon to noon in this host's time zone. */
  night(): Usage;
}

interface Noted extends LedgerEntry {
  readonly night: string;
  readonly usage: Usage;
}

/** Nights that are read again after a restart: a batch waits for a person for 14 days at most. */
const NIGHTS = 31;

const DAY_MS = 24 * 3_600_000;

/** Opens the ledger in a folder: one file a night, one line for each note. The last note about an attempt counts. */
export async function openLedger(folder: string, now: () => number = Date.now): Promise<Ledger> {
  const noted = new Map<string, Noted>();
  const batches = createSums();
  const nights = createSums();
  const put = (entry: Noted) => {
    const before = noted.get(keyOf(entry))?.usage ?? noUsage;
    noted.set(keyOf(entry), entry);
    batches.change(entry.batch, before, entry.usage);
    nights.change(entry.night, before, entry.usage);
  };
  const oldest = nightOf(now() - NIGHTS * DAY_MS);
  for (const name of await namesIn(folder)) {
    if (name < oldest) continue;
    for (const line of (await readFile(join(folder, name), 'utf8')).split('\n')) {
      const entry = parse(line);
      if (entry) put(entry);
    }
  }
  return {
    note({ batch, issue, attempt }, usage) {
      const night = noted.get(keyOf({ batch, issue, attempt }))?.night ?? nightOf(now());
      put({ batch, issue, attempt, usage, night });
    },
    async keep(entry) {
      const known = noted.get(keyOf(entry));
      if (!known) return;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await appendFile(join(folder, `${known.night}.jsonl`), `${JSON.stringify(known)}\n`, { mode: 0o600 });
    },
    batch: (batch) => batches.of(batch),
    night: () => nights.of(nightOf(now())),
  };
}

/** Sums count money in whole billionths of a dollar: adding and subtracting ten thousand times must not drift. */
const BILLION = 1_000_000_000;

/** Running sums by name: every event of every agent asks for them. */
function createSums() {
  const sums = new Map<string, Usage>();
  const counted = ({ costUsd, ...tokens }: Usage, sign: 1 | -1): Usage => ({
    inputTokens: sign * tokens.inputTokens,
    outputTokens: sign * tokens.outputTokens,
    cachedTokens: sign * tokens.cachedTokens,
    costUsd: sign * Math.round(costUsd * BILLION),
  });
  return {
    change(name: string, from: Usage, to: Usage): void {
      const sum = sums.get(name) ?? noUsage;
      sums.set(name, addUsage(addUsage(sum, counted(from, -1)), counted(to, 1)));
    },
    of(name: string): Usage {
      const sum = sums.get(name) ?? noUsage;
      return { ...sum, costUsd: sum.costUsd / BILLION };
    },
  };
}

/** The night that a time belongs to, by the date of its evening. */
export function nightOf(at: number): string {
  const noon = new Date(at - DAY_MS / 2);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${noon.getFullYear()}-${two(noon.getMonth() + 1)}-${two(noon.getDate())}`;
}

/** When the night of a time is over, epoch ms. */
export function nightEnd(at: number): number {
  const evening = new Date(at - DAY_MS / 2);
  return new Date(evening.getFullYear(), evening.getMonth(), evening.getDate() + 1, 12).getTime();
}

function keyOf({ batch, issue, attempt }: LedgerEntry): string {
  return `${batch}/${issue}/${attempt}`;
}

/** Null for a line that a power cut tore. */
function parse(line: string): Noted | null {
  try {
    return JSON.parse(line) as Noted;
  } catch {
    return null;
  }
}

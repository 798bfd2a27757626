import { setTimeout as sleep } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { isSettled, type BatchReader, type BatchView } from '../batch/view.ts';
import { liveTable } from './batch.ts';
import { retryLines } from './lines.ts';
import { createTeller, type Teller } from './teller.ts';
import { isTransient } from '../batch/transient.ts';

/** Shortest time between two looks; each costs the server a list, and a person reads no faster. */
const LOOK_MS = 400;

/** Largest share of the time spent looking: on a busy machine we look at a big batch less often. */
const LOOK_SHARE = 0.1;

/** Longest time between two looks, however much they cost. */
const LONGEST_LOOK_MS = 5_000;

/** Which batch is followed, and how it is shown. */
export interface FollowOptions {
  readonly reader: BatchReader;
  readonly batch: string;
  /** Where to write the live table or the status lines. */
  readonly out: NodeJS.WriteStream;
  /** Stops following; the batch goes on. */
  readonly signal: AbortSignal;
  /** Show nothing before the end. */
  readonly quiet: boolean;
  /** Remembers what was told before; left out: nothing was. */
  readonly teller?: Teller | undefined;
}

/** Shows a batch until nothing more happens by itself: a table in a terminal, lines in a pipe. Null: the signal stopped it. */
export async function follow(options: FollowOptions): Promise<BatchView | null> {
  const screen = options.quiet ? silent : isScreen(options.out) ? liveScreen(options.out) : lineScreen(options);
  let view: BatchView | null = null;
  const closed = new AbortController();
  void options.reader.closed(options.batch).then(() => closed.abort());
  const either = AbortSignal.any([options.signal, closed.signal]);
  while (!options.signal.aborted) {
    const lookedAt = performance.now();
    const next = await look(options, screen);
    if (next) {
      view = next;
      if (isSettled(view)) {
        screen.done();
        return view;
      }
    }
    const looked = performance.now() - lookedAt;
    const pause = Math.min(Math.max(LOOK_MS, looked / LOOK_SHARE), LONGEST_LOOK_MS);
    const signal = closed.signal.aborted ? options.signal : either; // so that we see the end at once
    await sleep(pause, null, { signal }).catch(() => {});
  }
  screen.done();
  return null;
}

/** A terminal that nobody told its size, as in many containers, has no column to draw a table in. */
function isScreen({ isTTY, columns }: NodeJS.WriteStream): boolean {
  return isTTY && columns !== 0;
}

/** Reads the batch and shows it. Null: the server does not answer, as while it restarts, and will in a moment. */
async function look({ reader, batch, quiet }: FollowOptions, screen: Screen): Promise<BatchView | null> {
  try {
    const view = await reader.read(batch, { lastLines: !quiet });
    await screen.show(view);
    return view;
  } catch (error) {
    if (isTransient(error)) return null;
    throw error;
  }
}

interface Screen {
  show(view: BatchView): void | Promise<void>;
  done(): void;
}

const silent: Screen = { show: () => {}, done: () => {} };

function liveScreen(out: NodeJS.WriteStream): Screen {
  const update = createLogUpdate(out);
  return {
    show: (view) => update(liveTable(view, out.columns ?? 80)),
    done: () => update.clear(),
  };
}

function lineScreen({ out, reader, teller = createTeller(reader) }: FollowOptions): Screen {
  const told = new Set<string>();
  return {
    async show(view) {
      for (const line of [...(await teller.lines(view)), ...retryLines(told, view)]) out.write(`${line}\n`);
    },
    done: () => {},
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { createLogUpdate } from 'log-update';
import { isSettled, type BatchReader, type BatchView } from '../batch/view.ts';
import { liveTable } from './batch.ts';
import { retryLines, statusLines } from './lines.ts';
import { isTransient } from '../batch/transient.ts';

/** Shortest time between two looks; each is one list on the server, and a person reads no faster. */
const LOOK_MS = 400;

/** Looking takes at most this part of the time: a big batch on a busy machine is looked at less often. */
const LOOK_SHARE = 0.1;

/** Longest time between two looks, however dear they are. */
const LONGEST_LOOK_MS = 5_000;

export interface FollowOptions {
  readonly reader: BatchReader;
  readonly batch: string;
  /** Where the live table or the status lines go. */
  readonly out: NodeJS.WriteStream;
  /** Ends the following, not the batch. */
  readonly signal: AbortSignal;
  /** Nothing is shown until the end. */
  readonly quiet: boolean;
}

/** Shows a batch until nothing more happens by itself; a table in a terminal, lines in a pipe. Null: stopped by the signal. */
export async function follow(options: FollowOptions): Promise<BatchView | null> {
  const screen = options.quiet ? silent : options.out.isTTY ? liveScreen(options.out) : lineScreen(options.out);
  let view: BatchView | null = null;
  const closed = new AbortController();
  void options.reader.closed(options.batch).then(() => closed.abort());
  const either = AbortSignal.any([options.signal, closed.signal]);
  while (!options.signal.aborted) {
    const lookedAt = performance.now();
    // A server that is being restarted answers again in a moment: the batch is not over because we can't see it.
    const next = await options.reader.read(options.batch, { lastLines: !options.quiet }).catch((error: unknown) => {
      if (isTransient(error)) return null;
      throw error;
    });
    if (next) {
      view = next;
      screen.show(view);
      if (isSettled(view)) {
        screen.done();
        return view;
      }
    }
    const looked = performance.now() - lookedAt;
    const pause = Math.min(Math.max(LOOK_MS, looked / LOOK_SHARE), LONGEST_LOOK_MS);
    const signal = closed.signal.aborted ? options.signal : either; // the end is seen at once
    await sleep(pause, null, { signal }).catch(() => {});
  }
  screen.done();
  return null;
}

interface Screen {
  show(view: BatchView): void;
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

function lineScreen(out: NodeJS.WriteStream): Screen {
  let before: BatchView | null = null;
  const told = new Set<string>();
  return {
    show(view) {
      for (const line of [...statusLines(before, view), ...retryLines(told, view)]) out.write(`${line}\n`);
      before = view;
    },
    done: () => {},
  };
}

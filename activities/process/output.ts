import type { Readable } from 'node:stream';
import { createLineSplitter, createTail } from './lines.ts';

/** Where a program printed something. */
export type OutputStream = 'stdout' | 'stderr';

/** What a run may print before it is ended or cut. */
export interface OutputCaps {
  /** Bytes of one line; the rest of a longer line is dropped. */
  readonly lineBytes: number;
  /** Bytes of both streams together; more ends the run. */
  readonly runBytes: number;
  /** Lines of both streams together; more ends the run, since each line costs us work. */
  readonly runLines: number;
}

/** Far above what any agent prints; a million lines is 64 bytes a line. */
const defaultCaps: OutputCaps = { lineBytes: 1024 * 1024, runBytes: 64 * 1024 * 1024, runLines: 1_000_000 };

/** Who gets what a run prints, within which caps. */
export interface OutputSpec {
  readonly caps?: Partial<OutputCaps>;
  readonly onLine?: (line: string, stream: OutputStream) => void;
  readonly onBytes?: (chunk: Buffer, stream: OutputStream) => void | Promise<void>;
}

/** What a run prints: counted, split into lines, handed on. */
export interface Output {
  /** Reads a stream to its end or to the caps. */
  read(source: Readable, stream: OutputStream): Promise<void>;
  bytes(): number;
  /** Time of the last byte of either stream, on the monotonic clock. */
  lastByteAt(): number;
  /** The last 16 KB of standard error. */
  stderr(): string;
  /** What a callback threw; null: nothing. */
  fault(): unknown;
}

const STDERR_BYTES = 16 * 1024;

/** Reads both streams within the caps. */
export function createOutput(spec: OutputSpec, stop: (reason: 'output-limit' | 'cancelled') => void): Output {
  const caps = { ...defaultCaps, ...spec.caps };
  const tail = createTail(STDERR_BYTES);
  let bytes = 0;
  let lines = 0;
  let lastByteAt = performance.now();
  let fault: unknown = null;
  const exceeded = (): boolean => bytes > caps.runBytes || lines > caps.runLines;

  const take = async (chunk: Buffer, stream: OutputStream, split: { push(chunk: Buffer): void }): Promise<void> => {
    lastByteAt = performance.now();
    bytes += chunk.length;
    if (stream === 'stderr') tail.push(chunk);
    split.push(chunk);
    await spec.onBytes?.(chunk, stream);
    if (exceeded()) stop('output-limit');
  };

  return {
    bytes: () => bytes,
    stderr: () => tail.text(),
    lastByteAt: () => lastByteAt,
    fault: () => fault,
    async read(source: Readable, stream: OutputStream): Promise<void> {
      const split = createLineSplitter(caps.lineBytes, (line) => {
        if (++lines <= caps.runLines) spec.onLine?.(line, stream);
      });
      const chunks = chunksOf(source);
      try {
        for await (const chunk of chunks) {
          await take(chunk, stream, split);
          if (exceeded()) return;
        }
        split.end();
      } catch (error) {
        fault ??= error;
        stop('cancelled');
      }
    },
  };
}

/** The chunks of a pipe; a pipe that breaks, or is closed while we read, has ended. */
async function* chunksOf(source: Readable): AsyncGenerator<Buffer, void> {
  const iterator = source.iterator({ destroyOnReturn: false }) as NodeJS.AsyncIterator<Buffer>;
  for (;;) {
    const next = await iterator.next().catch(() => null);
    if (next === null || next.done) return;
    yield next.value;
  }
}

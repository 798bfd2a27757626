import { open } from 'node:fs/promises';
import type { OutputStream } from '../process/output.ts';

/** What a program printed, one JSON object a line: `{at, stream, line}`, with `at` in milliseconds since the run began. */
export interface Transcript {
  add(line: string, stream: OutputStream): void;
  /** Writes what was added; a program that prints faster than the disk can write has to wait for it. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Largest file in bytes; what an attempt says beyond that is not kept. */
const TRANSCRIPT_BYTES = 64 * 1024 * 1024;

/** Opens an attempt's transcript for appending, so that a resumed run continues it; mode 0600. */
export async function openTranscript(path: string, maxBytes = TRANSCRIPT_BYTES): Promise<Transcript> {
  const file = await open(path, 'a', 0o600);
  const startedAt = performance.now();
  let size = (await file.stat()).size;
  let pending: string[] = [];
  let full = size >= maxBytes;

  const flush = async (): Promise<void> => {
    if (pending.length === 0) return;
    const text = pending.join('');
    pending = [];
    await file.appendFile(text);
  };

  return {
    add(line, stream) {
      if (full) return;
      const at = Math.round(performance.now() - startedAt);
      let record = `${JSON.stringify({ at, stream, line })}\n`;
      size += Buffer.byteLength(record);
      if (size > maxBytes) {
        full = true;
        record = `${JSON.stringify({ at, stream, line: '(the transcript is full)' })}\n`;
      }
      pending.push(record);
    },
    flush,
    async close() {
      try {
        await flush();
      } finally {
        await file.close();
      }
    },
  };
}

/** Splits bytes into lines, with at most one line in memory, whatever a program prints. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Hands over a last line that has no newline. */
  end(): void;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Hands on lines without their `\n` or `\r\n`, each decoded as a whole: a chunk may end inside a character. Drops the rest of an overlong line. */
export function createLineSplitter(maxLineBytes: number, onLine: (line: string) => void): LineSplitter {
  let held = Buffer.allocUnsafe(Math.min(maxLineBytes, 4096));
  let length = 0;
  let first = true;

  const hold = (piece: Buffer): void => {
    const kept = Math.min(piece.length, maxLineBytes - length);
    if (length + kept > held.length) {
      const larger = Buffer.allocUnsafe(Math.min(maxLineBytes, Math.max(held.length * 2, length + kept)));
      held.copy(larger, 0, 0, length);
      held = larger;
    }
    piece.copy(held, length, 0, kept);
    length += kept;
  };

  const emit = (): void => {
    const end = length > 0 && held[length - 1] === RETURN ? length - 1 : length;
    const line = held.toString('utf8', 0, end);
    length = 0;
    onLine(first ? line.replace(/^\uFEFF/, '') : line);
    first = false;
  };

  return {
    push(chunk) {
      let start = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
        hold(chunk.subarray(start, at));
        emit();
        start = at + 1;
      }
      hold(chunk.subarray(start));
    },
    end() {
      if (length > 0) emit();
    },
  };
}

/** The newest bytes of an output. */
export interface Tail {
  push(chunk: Buffer): void;
  text(): string;
}

/** Keeps the last `maxBytes` bytes, without a character that would be cut at the front. */
export function createTail(maxBytes: number): Tail {
  let chunks: Buffer[] = [];
  let bytes = 0;
  const compact = (): Buffer => {
    const all = Buffer.concat(chunks);
    const last = Buffer.from(all.subarray(Math.max(0, all.length - maxBytes)));
    chunks = [last];
    bytes = last.length;
    return last;
  };
  return {
    push(chunk) {
      chunks.push(chunk.length > maxBytes ? Buffer.from(chunk.subarray(chunk.length - maxBytes)) : chunk);
      bytes += Math.min(chunk.length, maxBytes);
      if (bytes > maxBytes * 2 || chunks.length > 256) compact();
    },
    text() {
      const last = compact();
      const start = last.findIndex((byte) => (byte & 0xc0) !== 0x80);
      return start < 0 ? '' : last.toString('utf8', start);
    },
  };
}

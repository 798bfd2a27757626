import { StringDecoder } from 'node:string_decoder';

/** What a terminal was sent in one run, as an asciicast (version 2) keeps it. */
export interface Recording {
  readonly command: string;
  readonly columns: number;
  readonly rows: number;
  readonly chunks: readonly Chunk[];
}

/** A piece of output, and the seconds since the start at which it came. */
export interface Chunk {
  readonly at: number;
  readonly text: string;
}

/** Reads an asciicast. */
export function parseRecording(cast: string): Recording {
  const [head = '', ...lines] = cast.trimEnd().split('\n');
  const { command, width, height } = JSON.parse(head) as Record<'command', string> & Record<'width' | 'height', number>;
  const events = lines.map((line) => JSON.parse(line) as [at: number, kind: string, text: string]);
  return { command, columns: width, rows: height, chunks: events.map(([at, , text]) => ({ at, text })) };
}

/** Writes an asciicast, which any player of such files can play. */
export function formatRecording({ command, columns, rows, chunks }: Recording): string {
  const head = { version: 2, width: columns, height: rows, command };
  const lines = chunks.map(({ at, text }) => JSON.stringify([Math.round(at * 1000) / 1000, 'o', text]));
  return `${[JSON.stringify(head), ...lines].join('\n')}\n`;
}

/** Puts together what `script` kept: its log with a line before it, and for each piece the pause and the bytes. */
export function chunksOf(log: Buffer, timing: string): readonly Chunk[] {
  const decoder = new StringDecoder('utf8'); // a piece may end inside a character
  let from = log.indexOf('\n') + 1;
  let at = 0;
  return timing
    .trim()
    .split('\n')
    .map((line) => {
      const [pause = 0, bytes = 0] = line.split(' ').map(Number);
      at += pause;
      from += bytes;
      return { at, text: decoder.write(log.subarray(from - bytes, from)) };
    });
}

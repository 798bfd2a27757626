/** Sequences that change no character: cursor shown or hidden, an update that is to be seen as a whole. */
const SILENT = /^\u001b\[\?(25|2026)[hl]$/;

/** A control sequence, a control character, or text up to the next of them. */
const TOKEN = /\u001b\[\?*[\d;]*[A-Za-z]|[\u0000-\u001f]|[^\u0000-\u001f]+/g;

/** A terminal's screen, as far as the command line writes to one. */
export interface Screen {
  /** @throws for a sequence that it does not know: a picture must not lie. */
  write(text: string): void;
  /** The lines from the top, without blanks at their ends. */
  lines(): readonly string[];
}

/** Makes an empty screen; it does not scroll, so that a picture shows a whole run. */
export function createScreen(columns: number): Screen {
  const cells: string[][] = [[]];
  let row = 0;
  let column = 0;

  const line = (at: number): string[] => {
    while (cells.length <= at) cells.push([]);
    return cells[at]!;
  };
  const put = (character: string) => {
    if (column === columns) [row, column] = [row + 1, 0];
    const to = line(row);
    while (to.length < column) to.push(' ');
    to[column++] = character;
  };
  const control = (sequence: string) => {
    const count = Number(/\d+/.exec(sequence)?.[0] ?? 1);
    const name = sequence.at(-1)!;
    if (SILENT.test(sequence)) return;
    if (name === 'A') row = Math.max(0, row - count);
    else if (name === 'B') row += count;
    else if (name === 'G') column = count - 1;
    else if (/^.\[0?K$/.test(sequence)) line(row).splice(column);
    else if (sequence === '\u001b[2K') line(row).splice(0);
    else throw new Error(`the picture knows no sequence ${JSON.stringify(sequence)}: add it to screen.ts`);
  };

  return {
    write(text) {
      for (const [token] of text.matchAll(TOKEN)) {
        if (token === '\r') column = 0;
        else if (token === '\n') line(++row);
        else if (token.startsWith('\u001b') || token < ' ') control(token);
        else for (const character of token) put(character);
      }
    },
    lines: () => cells.map((each) => each.join('').trimEnd()),
  };
}

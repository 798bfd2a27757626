import stringWidth from 'string-width';

/** Lays out rows in columns as wide as their widest cell, and cuts the last column to the rest of `width`. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[], width = Infinity): string {
  const all = [headers, ...rows];
  const widths = headers.map((_, column) => Math.max(...all.map((row) => stringWidth(row[column] ?? ''))));
  const used = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0);
  const last = widths.length - 1;
  widths[last] = Math.max(8, Math.min(widths[last]!, width - used));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => pad(cell, widths[column]!))
      .join('  ')
      .trimEnd();
  return [line(headers), widths.map((each) => '-'.repeat(each)).join('  '), ...rows.map(line)].join('\n');
}

function pad(cell: string, width: number): string {
  const cut = truncate(cell, width);
  return cut + ' '.repeat(Math.max(0, width - stringWidth(cut)));
}

/** Cuts a text to that many columns of a terminal; an ellipsis marks a cut. */
export function truncate(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = '';
  for (const character of text) {
    if (stringWidth(cut + character) > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

import stringWidth from 'string-width';
import type { Recording } from './recording.ts';
import { createScreen } from './screen.ts';

const CHARACTER = { width: 8.4, height: 19 } as const;
const PADDING = 16;
const TITLE = 34;
/** How long the end is shown before the picture begins anew. */
const END_SECONDS = 8;
/** Looks at the screen that are closer together than the eye can tell. */
const CLOSEST_SECONDS = 0.15;

interface Frame {
  readonly at: number;
  readonly lines: readonly string[];
}

/** A recorded run as a picture that moves at the speed of the run; one that may not move shows the end. */
export function drawRecording(recording: Recording): string {
  const frames = framesOf(recording);
  const last = frames.at(-1)!;
  const seconds = last.at + END_SECONDS;
  const width = round(recording.columns * CHARACTER.width + 2 * PADDING);
  const height = Math.max(...frames.map(({ lines }) => lines.length)) * CHARACTER.height + TITLE + 2 * PADDING;
  const ids = new Map<string, string>();
  const strips = frames.map((frame, index) => drawFrame(frame, { x: index * width, ids }));
  const steps = frames.map(
    ({ at }, index) => `${percent(at, seconds)}{transform:translateX(${round(-index * width)}px)}`,
  );
  const end = round(-(frames.length - 1) * width);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(recording.command)} in a terminal">`,
    `<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d7dae0;white-space:pre}`,
    `#run{animation:run ${round(seconds)}s steps(1,end) infinite}@keyframes run{${steps.join('')}}`,
    `@media (prefers-reduced-motion){#run{animation:none}}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#1b1e25"/>`,
    ...['#ec6a5e', '#f4bf4f', '#61c554'].map(
      (color, index) => `<circle cx="${20 + 20 * index}" cy="17" r="6" fill="${color}"/>`,
    ),
    '<defs>',
    ...[...ids].map(
      ([line, id]) =>
        `<text id="${id}" xml:space="preserve" textLength="${round(stringWidth(line) * CHARACTER.width)}" lengthAdjust="spacingAndGlyphs">${escape(line)}</text>`,
    ),
    '</defs>',
    `<svg x="${PADDING}" y="${TITLE}" width="${round(width - 2 * PADDING)}" height="${height - TITLE}"><g id="run" transform="translate(${end})">`,
    ...strips,
    '</g></svg>',
    '</svg>',
  ].join('\n')}\n`;
}

function drawFrame({ lines }: Frame, to: { readonly x: number; readonly ids: Map<string, string> }): string {
  const uses = lines.flatMap((line, row) => {
    if (line === '') return [];
    const id = to.ids.get(line) ?? `l${to.ids.size}`;
    to.ids.set(line, id);
    return [`<use href="#${id}" y="${(row + 1) * CHARACTER.height}"/>`];
  });
  return `<g transform="translate(${round(to.x)})">${uses.join('')}</g>`;
}

/** The screen whenever it has changed; what is gone before the eye has seen it is left out. */
function framesOf({ command, columns, chunks }: Recording): readonly Frame[] {
  const screen = createScreen(columns);
  screen.write(`$ ${command}\r\n`);
  const frames: Frame[] = [{ at: 0, lines: screen.lines() }];
  for (const { at, text } of chunks) {
    screen.write(text);
    const lines = screen.lines();
    const before = frames.at(-1)!;
    if (lines.join('\n') === before.lines.join('\n')) continue;
    if (at - before.at < CLOSEST_SECONDS && frames.length > 1) frames[frames.length - 1] = { at: before.at, lines };
    else frames.push({ at, lines });
  }
  return frames;
}

function percent(at: number, of: number): string {
  return `${round((100 * at) / of)}%`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

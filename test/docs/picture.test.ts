import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './pages.ts';
import { drawRecording } from './picture/draw.ts';
import { chunksOf, formatRecording, parseRecording } from './picture/recording.ts';
import { createScreen } from './picture/screen.ts';

const recording = parseRecording(readFileSync(new URL('picture/demo.cast', import.meta.url), 'utf8'));

test('the picture of the README is drawn from the recording', () => {
  const picture = readFileSync(join(root, 'docs/demo.svg'), 'utf8');
  expect(picture, 'docs/demo.svg is out of date: run `npm run docs`').toBe(drawRecording(recording));
});

test('the recorded run ended as scripted', () => {
  const screen = createScreen(recording.columns);
  for (const { text } of recording.chunks) screen.write(text);
  expect(screen.lines()).toContain('Every issue ended as scripted.');
  expect(screen.lines().filter((line) => / approved /.test(line)).length).toBeGreaterThan(3);
});

test('a screen shows what a terminal would', () => {
  const screen = createScreen(10);
  screen.write('one\r\ntwo\r\nthree\r\n\u001b[2A\u001b[2KTWO\r\nlonger than ten\u001b[G>\u001b[K');
  expect(screen.lines()).toEqual(['one', 'TWO', 'longer tha', '>']);
  expect(() => screen.write('\u001b[5n')).toThrow('knows no sequence');
});

test('a recording that was cut inside a character is whole again', () => {
  const log = Buffer.from('Script started\nä…\r\n');
  const chunks = chunksOf(log, '0.5 1\n0.25 6\n');
  expect(chunks.map(({ at }) => at)).toEqual([0.5, 0.75]);
  expect(chunks.map(({ text }) => text).join('')).toBe('ä…\r\n');
  const kept = { command: 'x', columns: 80, rows: 24, chunks };
  expect(parseRecording(formatRecording(kept))).toEqual(kept);
});

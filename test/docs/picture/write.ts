import { readFileSync, writeFileSync } from 'node:fs';
import { drawRecording } from './draw.ts';
import { parseRecording } from './recording.ts';

/** `tsx test/docs/picture/write.ts` draws the picture of the README from the recording beside it; a test compares. */
const recording = parseRecording(readFileSync(new URL('demo.cast', import.meta.url), 'utf8'));
writeFileSync(new URL('../../../docs/demo.svg', import.meta.url), drawRecording(recording));

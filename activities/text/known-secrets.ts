/** Shorter values are words such as `true`: replacing them would garble every text. */
export const SHORTEST = 8;

/** Most values that are remembered: an App gets a new token every hour, those of days ago are worthless, and each slows scrubbing. */
const MOST = 64;

/** In the order in which they were last named. */
const remembered = new Set<string>();
let known: RegExp | null = null;

/** Lets `scrub` hide this value from now on: a token without a known shape can be found by its value only. */
export function rememberSecret(value: string): void {
  if (value.length < SHORTEST) return;
  const isNew = !remembered.delete(value);
  remembered.add(value);
  if (!isNew) return;
  const [oldest] = remembered;
  if (remembered.size > MOST && oldest !== undefined) remembered.delete(oldest);
  known = patternOf([...remembered]);
}

/** Replaces the remembered values by `***`. */
export function hideRemembered(text: string): string {
  return known ? text.replace(known, '***') : text;
}

/** Finds these values in the encodings that tools print them in; null: there is nothing to find. */
export function patternOf(values: readonly string[]): RegExp | null {
  const forms = [...new Set(values.flatMap(encodings))].filter((form) => form.length >= SHORTEST);
  if (forms.length === 0) return null;
  // Longest first: where one form begins with another, the rest of it would stay otherwise.
  const sorted = forms.sort((a, b) => b.length - a.length);
  return new RegExp(sorted.map((form) => form.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('|'), 'g');
}

function encodings(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const encoded = encodeURIComponent(bytes.toString('utf8'));
  return [
    value,
    bytes.toString('base64').replace(/=+$/, ''),
    Buffer.from(`x:${value}`).toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    ...[0, 1, 2].flatMap((before) => inBase64(bytes, before)),
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    JSON.stringify(value).slice(1, -1),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ];
}

/** The part of its base64 that is the same in every text that has it after 3n + `before` bytes, as in `user:token` of any user. */
function inBase64(bytes: Buffer, before: number): readonly string[] {
  const all = Buffer.concat([Buffer.alloc(before), bytes]);
  const inner = all.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((all.length * 8) / 6));
  return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
}

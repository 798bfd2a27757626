/** Shorter values are words such as `true`, and replacing them would garble every text. */
export const SHORTEST = 8;

/** An App has a new token every hour; those of days ago are worth nothing any more, and each one makes scrubbing slower. */
const MOST = 64;

/** The one that was named last stands last. */
const remembered = new Set<string>();
let known: RegExp | null = null;

/** From now on `scrub` hides this value in all that leaves the process: tokens without a shape are known by value only. */
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
  // Longest first: a form may begin with another one, whose rest would stay.
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

/** What is the same of it in the base64 of every text that it stands in, behind 3n + `before` bytes: `user:token` of any user. */
function inBase64(bytes: Buffer, before: number): readonly string[] {
  const all = Buffer.concat([Buffer.alloc(before), bytes]);
  const inner = all.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((all.length * 8) / 6));
  return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
}

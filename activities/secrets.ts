import { scrub } from './scrub.ts';

/** Names of variables whose values are taken for secrets. */
const secretName = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY/i;

/** Shorter values are words such as `true`, and replacing them would garble every text. */
const SHORTEST = 8;

/** Replaces the worker's secrets in a text, in the encodings that tools print them in. */
export type Scrubber = (text: string) => string;

/** A scrubber by value and by shape; `names`: variables that were handed to a program, secret whatever their name. */
export function createScrubber(env: NodeJS.ProcessEnv, names: readonly string[]): Scrubber {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && isSecret(name, value, names) ? [value] : [],
  );
  const forms = [...new Set(values.flatMap(encodings))].sort((a, b) => b.length - a.length);
  if (forms.length === 0) return scrub;
  const known = new RegExp(forms.map((form) => form.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('|'), 'g');
  return (text) => scrub(text.replace(known, '***'));
}

/** Paths and addresses are handed to programs too, and replacing them would garble findings. */
function isSecret(name: string, value: string, names: readonly string[]): boolean {
  if (value.length < SHORTEST) return false;
  return secretName.test(name) || (names.includes(name) && !/^(\/|https?:)/.test(value));
}

function encodings(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  return [
    value,
    bytes.toString('base64').replace(/=+$/, ''),
    Buffer.from(`x:${value}`).toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    bytes.toString('hex'),
  ];
}

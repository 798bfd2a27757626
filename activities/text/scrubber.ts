import { patternOf, SHORTEST } from './known-secrets.ts';
import { scrub } from './scrub.ts';

/** Names of variables whose values count as secrets. */
const secretName = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY/i;

/** Replaces the worker's secrets in a text, in the encodings that tools print them in. */
export type Scrubber = (text: string) => string;

/** A scrubber by value and by shape. `names`: variables that a program was given; they count as secret whatever their name is. */
export function createScrubber(env: NodeJS.ProcessEnv, names: readonly string[]): Scrubber {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && isSecret(name, value, names) ? [value] : [],
  );
  const known = patternOf(values);
  if (!known) return scrub;
  return (text) => scrub(text.replace(known, '***'));
}

/** Programs are given paths and addresses too, and replacing those would garble findings. */
function isSecret(name: string, value: string, names: readonly string[]): boolean {
  if (value.length < SHORTEST) return false;
  return secretName.test(name) || (names.includes(name) && !/^(\/|https?:)/.test(value));
}

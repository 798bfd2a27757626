/** One line of `doctor`: something that was looked at, and what to do about it. */
export interface Diagnosis {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'broken';
  readonly words: string;
  /** What to type or change; null: nothing. */
  readonly mend: string | null;
}

/** Something that is as it should be. */
export function ok(name: string, words: string): Diagnosis {
  return { name, state: 'ok', words, mend: null };
}

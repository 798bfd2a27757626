/** An answer as it came, to be given again while the forge says that nothing changed. */
export interface KnownAnswer {
  readonly etag: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const ANSWERS = 200;

/** Longest body that is kept: a worker stays small. */
const BODY = 128 * 1024;

/** The newest answers with an ETag, by address. */
export interface AnswerCache {
  get(url: string): KnownAnswer | undefined;
  put(url: string, answer: KnownAnswer): void;
}

export function createAnswerCache(): AnswerCache {
  const answers = new Map<string, KnownAnswer>();
  return {
    get(url) {
      const known = answers.get(url);
      if (!known) return undefined;
      answers.delete(url); // to the end: a map keeps the order in which it was filled
      answers.set(url, known);
      return known;
    },
    put(url, answer) {
      answers.delete(url);
      if (answer.body.length > BODY) return;
      answers.set(url, answer);
      const [oldest] = answers.keys();
      if (answers.size > ANSWERS && oldest !== undefined) answers.delete(oldest);
    },
  };
}

/** An answer as it came, reused while the forge says that nothing changed. */
export interface KnownAnswer {
  readonly etag: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** Most characters of all bodies together, so that a worker stays small. */
const ALL = 8 * 1024 * 1024;

/** The newest answers with an ETag, by address. */
export interface AnswerCache {
  get(url: string): KnownAnswer | undefined;
  put(url: string, answer: KnownAnswer): void;
}

/** Builds an empty cache; `all`: most characters that its bodies have together. */
export function createAnswerCache(all = ALL): AnswerCache {
  const answers = new Map<string, KnownAnswer>();
  let size = 0;
  const drop = (url: string) => {
    size -= answers.get(url)?.body.length ?? 0;
    answers.delete(url);
  };
  return {
    get(url) {
      const known = answers.get(url);
      if (!known) return undefined;
      answers.delete(url); // moves to the end: a map keeps insertion order
      answers.set(url, known);
      return known;
    },
    put(url, answer) {
      drop(url);
      if (answer.body.length > all) return;
      answers.set(url, answer);
      size += answer.body.length;
      for (const oldest of answers.keys()) {
        if (size <= all) break;
        drop(oldest);
      }
    },
  };
}

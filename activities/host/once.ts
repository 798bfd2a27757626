/**
 * Asks once for each value and remembers the answer. A failure is not remembered: the next call may find another
 * credential, or the server may be back.
 */
export function once<K extends string | number | void, T>(ask: (of: K) => Promise<T>): (of: K) => Promise<T> {
  const known = new Map<K, Promise<T>>();
  return (of) => {
    const answer = known.get(of) ?? ask(of);
    known.set(of, answer);
    answer.catch(() => known.delete(of)); // whoever asked gets the error from the answer itself
    return answer;
  };
}

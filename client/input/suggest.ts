/** The candidate that a mistyped word most likely means; null: none is close. */
export function closest(word: string, candidates: Iterable<string>): string | null {
  const typed = word.toLowerCase().slice(0, 100);
  const limit = Math.max(1, Math.floor(typed.length / 3));
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const name of candidates) {
    if (Math.abs(name.length - typed.length) > limit) continue;
    const distance = editDistance(typed, name.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { name, distance };
  }
  return best?.name ?? null;
}

/** Advice for a word outside a closed list: the near miss first, then what is allowed. */
export function suggestion(word: string, allowed: readonly string[]): string {
  const near = closest(word, allowed);
  const list = `allowed here: ${allowed.join(', ')}`;
  return near === null ? list : `did you mean "${near}"? (${list})`;
}

/** Optimal string alignment: insert, delete, replace, or swap two neighbours, each one step. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let steps = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) steps = Math.min(steps, beforeLast[column - 2]! + 1);
      current.push(steps);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}

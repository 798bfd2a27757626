import type { RequestKind } from '../../../workflows/domain/forge/pace.ts';

/** A request, and when it was let go; epoch ms. */
export interface Sent {
  readonly kind: RequestKind;
  readonly at: number;
}

const points: Readonly<Record<RequestKind, number>> = { read: 1, search: 1, write: 5, content: 5 };

/** GitHub's limits as GitHub words them, and what of a list of requests breaks them; null: nothing. */
export function broken(requests: readonly Sent[]): string | null {
  const sent = [...requests].sort((a, b) => a.at - b.at);
  const isContent = ({ kind }: Sent) => (kind === 'content' ? 1 : 0);
  return (
    over(sent, { name: 'points a minute', spanMs: 60_000, most: 900, cost: ({ kind }) => points[kind] }) ??
    over(sent, {
      name: 'searches a minute',
      spanMs: 60_000,
      most: 30,
      cost: ({ kind }) => (kind === 'search' ? 1 : 0),
    }) ??
    over(sent, { name: 'content a minute', spanMs: 60_000, most: 80, cost: isContent }) ??
    over(sent, { name: 'content an hour', spanMs: 3_600_000, most: 500, cost: isContent }) ??
    tooClose(sent.filter(({ kind }) => kind === 'write' || kind === 'content'))
  );
}

function over(
  sent: readonly Sent[],
  limit: {
    readonly name: string;
    readonly spanMs: number;
    readonly most: number;
    readonly cost: (one: Sent) => number;
  },
): string | null {
  let [sum, first] = [0, 0];
  for (const one of sent) {
    sum += limit.cost(one);
    for (; sent[first]!.at <= one.at - limit.spanMs; first += 1) sum -= limit.cost(sent[first]!);
    if (sum > limit.most) return `${sum} ${limit.name} before ${one.at}`;
  }
  return null;
}

function tooClose(writes: readonly Sent[]): string | null {
  const second = writes.find(({ at }, index) => index > 0 && at - writes[index - 1]!.at < 1_000);
  return second ? `a write less than a second after another at ${second.at}` : null;
}

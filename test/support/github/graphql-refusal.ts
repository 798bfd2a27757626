/** GitHub's no in GraphQL: HTTP 200, and a type beside the message. */
export class GraphqlRefusal extends Error {
  readonly type: 'NOT_FOUND' | 'UNPROCESSABLE' | 'FORBIDDEN' | 'MISSING_PAGINATION_BOUNDARIES' | 'EXCESSIVE_PAGINATION';

  constructor(type: GraphqlRefusal['type'], message: string) {
    super(message);
    this.type = type;
  }
}

/** Arguments of a list. */
export interface Slice {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
}

/** One page of a list; GitHub wants to be told how long it may be. */
export function connection(items: readonly unknown[], { first, last, after }: Slice): unknown {
  const size = first ?? last;
  if (size == null)
    throw new GraphqlRefusal(
      'MISSING_PAGINATION_BOUNDARIES',
      'You must provide a `first` or `last` value to properly paginate the connection.',
    );
  if (size > 100)
    throw new GraphqlRefusal(
      'EXCESSIVE_PAGINATION',
      `Requesting ${size} records on the connection exceeds the limit of 100 records.`,
    );
  const start = first == null ? Math.max(items.length - size, 0) : Number(after ?? 0);
  const nodes = items.slice(start, start + size);
  const end = start + nodes.length;
  const pageInfo = {
    hasNextPage: end < items.length,
    hasPreviousPage: start > 0,
    startCursor: nodes.length === 0 ? null : String(start),
    endCursor: nodes.length === 0 ? null : String(end),
  };
  return {
    nodes,
    totalCount: items.length,
    pageInfo,
    edges: nodes.map((node, index) => ({ node, cursor: String(start + index + 1) })),
  };
}

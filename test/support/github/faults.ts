/** What goes wrong on the way of a request or of its answer. */
export type FaultKind =
  | 'reset'
  | 'server-error'
  | 'bad-gateway'
  | 'too-many-requests'
  | 'secondary-limit'
  | 'bad-credentials'
  | 'truncated'
  | 'html'
  | 'slow';

/**
 * When it does, as seen from the effect: `instead` of it, so that nothing was done; `after` it, so that only the answer
 * is lost; `before` it, so that the client is told first and the effect comes when its next request was answered.
 */
export type FaultMoment = 'before' | 'after' | 'instead';

export interface Fault {
  readonly kind: FaultKind;
  readonly moment: FaultMoment;
  /** Operation (`pulls/create`, `graphql`) or a pattern over `METHOD /path`; left out: the next request, whatever it is. */
  readonly on?: string | RegExp;
  /** How many requests it meets. Default 1. */
  readonly times?: number;
  /** Seconds that a limit asks to wait. Default 0. */
  readonly retryAfter?: number;
  /** Delay of a slow answer. Default 50. */
  readonly ms?: number;
}

/** A request as a fault knows it. */
export interface Faulted {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
}

/** Faults that are to come: those of a script first, else what a seed says. */
export interface Faults {
  add(fault: Fault): void;
  /** Asked once for each request; null: none. Replaces the one before. */
  choose(by: ((request: Faulted) => Fault | null) | null): void;
  take(request: Faulted): Fault | null;
  /** Faults of the script that met nothing. */
  readonly left: number;
  clear(): void;
}

export function createFaults(): Faults {
  let script: { readonly fault: Fault; left: number }[] = [];
  let chosen: ((request: Faulted) => Fault | null) | null = null;
  return {
    add: (fault) => void script.push({ fault, left: fault.times ?? 1 }),
    choose: (by) => {
      chosen = by;
    },
    take(request) {
      const next = script.find(({ fault }) => meets(fault, request));
      if (next === undefined) return chosen?.(request) ?? null;
      next.left -= 1;
      script = script.filter(({ left }) => left > 0);
      return next.fault;
    },
    get left() {
      return script.length;
    },
    clear() {
      script = [];
      chosen = null;
    },
  };
}

function meets({ on }: Fault, { operation, method, path }: Faulted): boolean {
  if (on === undefined) return true;
  return typeof on === 'string' ? on === operation : on.test(`${method} ${path}`);
}

/** The answer that a fault gives in place of GitHub's own; null: it gives none, or spoils the real one. */
export function faultAnswer(
  fault: Fault,
): { readonly status: number; readonly text: string; readonly headers: Readonly<Record<string, string>> } | null {
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const html = { 'content-type': 'text/html' };
  const wait = { 'retry-after': String(fault.retryAfter ?? 0) };
  switch (fault.kind) {
    case 'reset':
    case 'slow':
    case 'truncated':
      return null;
    case 'server-error':
      return { status: 500, text: JSON.stringify({ message: 'Server Error' }), headers: json };
    case 'bad-gateway':
      return { status: 502, text: '<html><body><h1>502 Bad Gateway</h1></body></html>', headers: html };
    case 'too-many-requests':
      return { status: 429, text: JSON.stringify({ message: 'Too many requests' }), headers: { ...json, ...wait } };
    case 'secondary-limit': {
      const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
      return { status: 403, text: JSON.stringify({ message }), headers: { ...json, ...wait } };
    }
    case 'bad-credentials':
      return { status: 401, text: JSON.stringify({ message: 'Bad credentials' }), headers: json };
    case 'html':
      return { status: 200, text: '<!DOCTYPE html><html><title>Unicorn!</title></html>', headers: html };
  }
}

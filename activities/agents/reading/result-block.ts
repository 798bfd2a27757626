/** Collects the result blocks that hand-run systems print, from lines of text; it holds the newest block alone. */
export interface ResultBlocks {
  line(line: string): void;
  /** The newest block as a result object for `parseClaim`; null: none was printed. */
  result(): Record<string, string> | null;
}

type Marker = 'ISSUE_WORKER_RESULT' | 'REVIEW_RESULT' | 'PR_FIXER_RESULT';

/** A marker on a line of its own, also as a heading, in bold, quoted or with a colon. */
const markerLine = /^[\s>#*`-]*(ISSUE_WORKER_RESULT|REVIEW_RESULT|PR_FIXER_RESULT)[\s*`:]*$/;

const fieldLine = /^[\s>*`-]*(issue|pr|branch|status|title|summary|verdict|changes)[*`]*\s*:[*`]*\s*(.*)$/i;

/** Longest block, characters; a field that goes on for longer is cut. */
const LONGEST_BLOCK = 8192;

/** The words of those systems for how it went, in ours. */
const statuses: Readonly<Record<string, string>> = { success: 'completed', fixed: 'completed', partial: 'completed' };

/** Builds a reader that has seen no line yet. */
export function createResultBlocks(): ResultBlocks {
  let marker: Marker | null = null;
  let fields: Record<string, string> = {};
  let last: string | null = null;
  let open = false;
  let length = 0;

  const begin = (found: Marker): void => {
    marker = found;
    fields = {};
    last = null;
    open = true;
    length = 0;
  };

  return {
    line(line) {
      const found = markerLine.exec(line)?.[1] as Marker | undefined;
      if (found !== undefined) return begin(found);
      if (!open) return;
      const field = fieldLine.exec(line);
      const [, name, value] = field ?? [];
      if (name !== undefined && value !== undefined) {
        last = name.toLowerCase();
        fields[last] = value.trim();
      } else if (last !== null) {
        if (/^\s*(```.*)?$/.test(line)) open = false;
        else fields[last] = `${fields[last]} ${line.trim()}`.trim();
      }
      length += line.length;
      if (length > LONGEST_BLOCK) open = false;
    },
    result() {
      return marker === null ? null : toResult(marker, fields);
    },
  };
}

function toResult(marker: Marker, fields: Readonly<Record<string, string>>): Record<string, string> {
  const word = (value: string | undefined): string =>
    (value ?? '')
      .toLowerCase()
      .replace(/[*`"'<>.]/g, '')
      .trim();
  if (marker === 'REVIEW_RESULT') return { verdict: word(fields['verdict']), summary: fields['summary'] ?? '' };
  const status = word(fields['status']);
  const summary = fields[marker === 'PR_FIXER_RESULT' ? 'changes' : 'summary'] ?? '';
  return { status: statuses[status] ?? status, summary };
}

/** An issue as a text names it. */
export interface Reference {
  /** `owner/name`, or an address that ends with it; null: the text names none. */
  readonly repository: string | null;
  readonly number: number;
}

/** Most characters of a line that are searched for dependencies: nobody writes a longer line. */
const LINE = 1000;

/** Most dependencies of one issue that are read out of its text. */
const MOST_DEPENDENCIES = 100;

/** The beginning of a line, a heading or a list item that names what has to be done first. */
const NAMES_BLOCKERS =
  /^(?: {0,3}(?:#{1,6} {1,3})?|(\s*)(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?)(?:\*\*|__|[*_])?(?:depends on|blocked by)(?:\*\*|__|[*_])?[ \t]{0,3}:?(?:\*\*|__|[*_])?[ \t]{0,3}/i;

const ITEM = /^(\s*)(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?/;

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** `#12`, `owner/name#12`, or the address of an issue or a pull request. */
const REFERENCE =
  /(?:(https?:\/\/[^\s<>()"'`]{1,300}?)\/(?:issues|pulls?)\/|([\w.-]{1,100}\/[\w.-]{1,100})?#)(\d{1,9})(?![\w-])/i;

const HERE = new RegExp(`^${REFERENCE.source}`, 'i');

const ANYWHERE = new RegExp(`(?<![\\w./#&-])${REFERENCE.source}`, 'i');

/**
 * References on the lines `Depends on ...` and `Blocked by ...` of a Markdown text, and in the list below such a line
 * that names nothing itself; each once, and none from code.
 */
export function dependencyReferences(text: string): readonly Reference[] {
  const found = new Map<string, Reference>();
  /** Items that are indented further than this belong to the list; null: no list is open. */
  let list: number | null = null;
  for (const line of proseLines(text)) {
    const begin = NAMES_BLOCKERS.exec(line);
    const rest = begin ? line.slice(begin[0].length) : '';
    const named: readonly Reference[] = begin ? atBegin(rest) : list === null ? [] : inItem(line, list);
    for (const each of named) found.set(`${each.repository?.toLowerCase() ?? ''}#${each.number}`, each);
    if (found.size >= MOST_DEPENDENCIES) break;
    if (begin) list = named.length === 0 && rest.trim() === '' ? (begin[1]?.length ?? -1) : null;
    else if (list !== null && !isOfList(line, list)) list = null;
  }
  return [...found.values()].slice(0, MOST_DEPENDENCIES);
}

/** Lines outside of code blocks. */
function* proseLines(text: string): Iterable<string> {
  let fence: string | null = null;
  for (const whole of text.split('\n')) {
    const line = whole.slice(0, LINE);
    const mark = FENCE.exec(line)?.[1] ?? null;
    if (fence !== null) {
      const isEnd = mark !== null && mark[0] === fence[0] && mark.length >= fence.length;
      if (isEnd && line.trim() === mark) fence = null;
    } else if (mark !== null) fence = mark;
    else yield line;
  }
}

function isOfList(line: string, indent: number): boolean {
  if (line.trim() === '') return true;
  const item = ITEM.exec(line);
  return item ? item[1]!.length > indent : /^\s{2}/.test(line);
}

/** The references that an item begins with, else the first that it mentions, as in `- the parser (#4)`. */
function inItem(line: string, indent: number): readonly Reference[] {
  const item = ITEM.exec(line);
  if (!item || item[1]!.length <= indent) return [];
  const rest = line.slice(item[0].length);
  const first = atBegin(rest);
  if (first.length > 0) return first;
  const mentioned = ANYWHERE.exec(rest.replace(/`[^`]*`/g, ' '));
  return mentioned ? referenceIn(mentioned) : [];
}

/** References in a row, up to the first other word. */
function atBegin(text: string): readonly Reference[] {
  const found: Reference[] = [];
  let rest = text;
  for (;;) {
    const next = HERE.exec(rest);
    if (!next) return found;
    found.push(...referenceIn(next));
    rest = rest.slice(next[0].length).replace(/^(?:\s|[,;&+]|and\s)+/i, '');
  }
}

function referenceIn([, address, slug, digits]: RegExpExecArray): readonly Reference[] {
  const number = Number(digits);
  return number > 0 ? [{ repository: address ?? slug ?? null, number }] : [];
}

import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml';
import { UsageError } from './errors.ts';
import { quote } from './text.ts';

/** Most levels of nesting: people write 6, and the parser's own recursion breaks at some thousands. */
const MAX_DEPTH = 40;

/** Values after aliases are expanded; a plan of 10,000 issues has about 150,000. */
const MAX_VALUES = 400_000;

/** A parsed text that still knows the place of each value. */
export interface Source {
  readonly name: string;
  readonly value: unknown;
  /** `name:line:column` of a value or its key; if there is no such value, of the nearest parent. */
  at(path: readonly PropertyKey[], what?: 'key' | 'value'): string;
}

/** A YAML text, and how it is read. */
export interface ParseYamlInput {
  /** The file's name in messages. */
  readonly name: string;
  readonly text: string;
  /** `as-written` keeps numbers and booleans as text: an id `007` is not 7. */
  readonly scalars?: 'typed' | 'as-written';
}

type YamlNode = Node | null | undefined;

/**
 * YAML 1.2 with our limits: one document, no tags, no duplicate or `__proto__` keys, bounded depth and aliases.
 * Linear in the text where `yaml.parse` is quadratic in keys. The caller bounds the size.
 * @throws UsageError with the place of the first mistake.
 */
export function parseYaml(input: ParseYamlInput): Source {
  const lines = new LineCounter();
  const refuse = (offset: number, what: string, mend: string) => {
    const { line, col } = lines.linePos(offset);
    return new UsageError({ where: `${input.name}:${Math.max(line, 1)}:${Math.max(col, 1)}`, what, mend });
  };
  const root = readDocument(input.text, lines, refuse);
  const aliases = new Map<Node, Node>();
  const pairs = createPairIndex();
  const value = createConverter({ refuse, aliases, asWritten: input.scalars === 'as-written' })(root, 0);
  return {
    name: input.name,
    value,
    at(path, what = 'value') {
      const { line, col } = lines.linePos(offsetOf(root, path, { what, aliases, pairs }));
      return `${input.name}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
    },
  };
}

type Refuse = (offset: number, what: string, mend: string) => UsageError;

/** Composes token by token, so that deep nesting is refused before the recursive composer sees it. */
function readDocument(text: string, lines: LineCounter, refuse: Refuse): YamlNode {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({ uniqueKeys: false, schema: 'core', merge: false, prettyErrors: false });
  const documents: Document.Parsed[] = [];
  lines.addNewLine(0);
  try {
    for (const lexeme of new Lexer().lex(text)) {
      for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
      // A mapping in a sequence takes two levels of the stack, and the document takes one.
      if (parser.stack.length > 2 * MAX_DEPTH) {
        throw refuse(parser.offset, `is nested deeper than ${MAX_DEPTH} levels`, 'write it flat');
      }
      if (documents.length > 1) break;
    }
    if (documents.length <= 1) {
      for (const token of parser.end()) documents.push(...composer.next(token));
      documents.push(...composer.end(true, text.length));
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw refuse(parser.offset, `is not YAML (${quote(String(error))})`, 'correct the syntax at this place');
  }
  const [document, second] = documents;
  const mistake = document?.errors[0] ?? document?.warnings[0];
  if (mistake) throw refuse(mistake.pos[0], `is not valid YAML: ${mistake.message}`, yamlMend(mistake.code));
  if (second) throw refuse(second.range[0], 'holds a second YAML document', 'keep one document: remove the `---`');
  return document?.contents;
}

function yamlMend(code: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'indent with spaces, not with tabs';
    case 'TAG_RESOLVE_FAILED':
      return 'remove the tag (`!...`); quote a value that starts with `!`';
    case 'MISSING_CHAR':
      return 'close the quote or bracket, or put the missing `:` or `,`';
    default:
      return 'check the indentation here, and quote values that hold `: `, ` #` or start with one of []{}&*!|>%@`';
  }
}

function createConverter(options: {
  readonly refuse: Refuse;
  readonly aliases: Map<Node, Node>;
  readonly asWritten: boolean;
}): (node: YamlNode, depth: number) => unknown {
  const { refuse, aliases, asWritten } = options;
  const anchors = new Map<string, Node>();
  let values = 0;

  const convert = (node: YamlNode, depth: number): unknown => {
    if (!node) return null;
    if (++values > MAX_VALUES) throw refuse(start(node), 'expands to too many values', 'remove the aliases (`*name`)');
    if (depth > MAX_DEPTH) throw refuse(start(node), `is nested deeper than ${MAX_DEPTH} levels`, 'write it flat');
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (!target)
        throw refuse(start(node), `there is no anchor &${node.source}`, 'define it above, or write the value');
      aliases.set(node, target);
      return convert(target, depth + 1);
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isScalar(node)) return scalar(node.value, node.source);
    if (isSeq<Node | null>(node)) return node.items.map((item) => convert(item, depth + 1));
    return isMap<Node, Node | null>(node) ? mapping(node.items, depth) : null;
  };

  const scalar = (value: unknown, source: string | undefined): unknown =>
    asWritten && source !== undefined && value !== null && typeof value !== 'string' ? source : value;

  const mapping = (items: readonly Entry[], depth: number): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (const { key, value } of items) {
      const name = keyName(key);
      if (name === null) throw refuse(start(key), 'a key must be a plain word', 'quote it, or check the indentation');
      if (name === '__proto__') throw refuse(start(key), 'the key "__proto__" is not allowed', 'remove it');
      if (Object.hasOwn(result, name)) {
        throw refuse(start(key), `the key ${quote(name)} appears twice`, 'keep one of the two');
      }
      result[name] = convert(value, depth + 1);
    }
    return result;
  };
  return convert;
}

function keyName(key: YamlNode): string | null {
  if (!isScalar(key) || key.value === null) return null;
  return typeof key.value === 'string' ? key.value : (key.source ?? null);
}

function start(node: YamlNode): number {
  return node?.range?.[0] ?? 0;
}

interface Entry {
  readonly key: Node;
  readonly value: Node | null;
}

type PairIndex = (map: YAMLMap<Node, Node | null>) => ReadonlyMap<string, Entry>;

/** Remembers the entries of a mapping by key: a tasks.json has 10,000 of them, and the line of each is asked for. */
function createPairIndex(): PairIndex {
  const indexes = new WeakMap<object, ReadonlyMap<string, Entry>>();
  return (map) => {
    const index = indexes.get(map) ?? new Map(map.items.map((pair) => [keyName(pair.key) ?? '', pair]));
    indexes.set(map, index);
    return index;
  };
}

function offsetOf(
  root: YamlNode,
  path: readonly PropertyKey[],
  options: { readonly what: 'key' | 'value'; readonly aliases: ReadonlyMap<Node, Node>; readonly pairs: PairIndex },
): number {
  let offset = start(root);
  let node: YamlNode = root;
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = options.aliases.get(node);
    if (isSeq<Node | null>(node)) {
      node = node.items[Number(part)];
    } else if (isMap<Node, Node | null>(node)) {
      const pair = options.pairs(node).get(String(part));
      if (pair) offset = start(pair.key);
      if (options.what === 'key' && index === path.length - 1) return offset;
      node = pair?.value;
    } else {
      return offset;
    }
    if (!node) return offset;
    offset = start(node);
  }
  return offset;
}

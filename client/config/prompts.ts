import mustache from 'mustache';
import { promptConditions, promptPartials, promptTexts } from '../../workflows/domain/agent/prompt.ts';
import { roles, type Role } from '../../workflows/domain/settings.ts';
import { UsageError, type Problem } from '../input/errors.ts';
import { decodeText, tooBig } from '../input/file.ts';
import { suggestion } from '../input/suggest.ts';
import { quote } from '../input/text.ts';
import type { BaseBranch } from './repository/base.ts';
import type { UserRepository } from './repository/locate.ts';

/** Where a repository keeps its own prompts, one file for each role. */
const FOLDER = '.millrace/prompts';

/** Bytes of a prompt that are read. */
const MAX_BYTES = 64 * 1024;

/**
 * The repository's own prompts, read from the trusted base commit: an agent's branch must not decide what the next agent
 * is told. @throws UsageError for a template that could not be filled in, with its line.
 */
export async function readPrompts(
  repository: UserRepository,
  base: BaseBranch,
): Promise<Readonly<Partial<Record<Role, string>>>> {
  const listing = (await repository.ask(['ls-tree', '-z', '-l', '--full-tree', base.commit, '--', `${FOLDER}/`])) ?? '';
  const problems: Problem[] = [];
  const prompts: Partial<Record<Role, string>> = {};
  for (const entry of listing.split('\0').filter((each) => each !== '')) {
    const [facts = '', path = ''] = entry.split('\t');
    const [mode = '', , sha = '', size = ''] = facts.split(/\s+/);
    const where = `${path} on ${base.name}`;
    const name = path.slice(FOLDER.length + 1);
    const role = roles.find((each) => name === `${each}.md`);
    if (role === undefined) {
      const names = roles.map((each) => `${each}.md`);
      problems.push({ where, what: `there is no role for ${quote(name)}`, mend: suggestion(name, names) });
    } else if (!mode.startsWith('100')) {
      problems.push({ where, what: 'is not a regular file', mend: 'commit it as a file, not as a link or folder' });
    } else if (Number(size) > MAX_BYTES) {
      problems.push(tooBig({ name: where, maxBytes: MAX_BYTES }, Number(size)));
    } else {
      const text = decodeText(await repository.bytes(sha), { name: where, maxBytes: MAX_BYTES });
      problems.push(...templateProblems(text, path));
      prompts[role] = text;
    }
  }
  if (problems.length > 0) throw new UsageError(problems);
  return prompts;
}

/** What is wrong with a template; each with its line. */
function templateProblems(text: string, path: string): readonly Problem[] {
  let tokens: readonly Token[];
  try {
    tokens = flatten(mustache.parse(text) as readonly Token[]);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const at = Number(/at (\d+)$/.exec(words)?.[1] ?? 0);
    return [
      { where: lineOf(text, at, path), what: words.replace(/ at \d+$/, ''), mend: 'close each `{{#x}}` with `{{/x}}`' },
    ];
  }
  const known: readonly string[] = [...promptTexts, ...promptConditions];
  const partials: readonly string[] = promptPartials;
  const unknown = tokens.flatMap(([type, name, at]): readonly Problem[] => {
    if (['text', '!', '='].includes(type)) return [];
    const names = type === '>' ? partials : known;
    if (names.includes(name)) return [];
    const what = `there is no ${type === '>' ? 'part' : 'variable'} ${quote(name)}`;
    return [{ where: lineOf(text, at, path), what, mend: suggestion(name, names) }];
  });
  const has = (wanted: readonly string[]) => tokens.some(([type, name]) => type !== 'text' && wanted.includes(name));
  const missing = (['issue', 'answer'] as const)
    .filter((name) => !has([name]))
    .map((name) => ({
      where: `${path}:1`,
      what: `the ${name} is left out`,
      mend: `write \`{{> ${name}}}\` where it belongs`,
    }));
  return [...unknown, ...missing];
}

/** A token as mustache parses it: type, name, place; a section holds tokens of its own. */
type Token = readonly [type: string, name: string, at: number, end: number, inner?: readonly Token[]];

function flatten(tokens: readonly Token[]): readonly Token[] {
  return tokens.flatMap((token) => [token, ...(Array.isArray(token[4]) ? flatten(token[4]) : [])]);
}

function lineOf(text: string, at: number, path: string): string {
  return `${path}:${text.slice(0, at).split('\n').length}`;
}

import type { ByQuery, SelectRequest } from '../../workflows/domain/forge/forge-question.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../input/errors.ts';
import { askForge } from './ask-forge.ts';
import { isAddress, readIssueLink, requireOwnLinks, type IssueLink } from './issue-link.ts';
import { parseLabels, requireForge } from '../plan/filing.ts';
import { cleanLine } from '../../workflows/domain/words.ts';
import { quote } from '../input/text.ts';

/** Longest words of a query; GitHub accepts 256 characters in a search. */
const MAX_WORDS = 200;

/** Flags that select issues of the forge, as typed. */
export interface SelectionFlags {
  readonly issue?: readonly string[];
  readonly label?: readonly string[];
  readonly milestone?: string;
  readonly assignee?: string;
  readonly search?: string;
  readonly limit?: string;
  readonly trustAnyone?: boolean;
}

/** Where the issues of a batch come from: a plan (null: only `--issue` flags), or the forge. */
export type IssueSource =
  | { readonly kind: 'plan'; readonly plan: string | null }
  | {
      readonly kind: 'forge';
      readonly request: SelectRequest;
      /** Numbers that were given as addresses; whether they belong to our repository is checked later. */
      readonly links: readonly IssueLink[];
    };

/** Tells issues of the forge (numbers and addresses) from a plan (anything else). @throws UsageError for a mixture. */
export function parseSelection(args: readonly string[], flags: SelectionFlags): IssueSource {
  const negative = args.find((each) => /^#?-\d+$/.test(each));
  if (negative !== undefined) throw noSuchNumber(negative, 'issues have no negative numbers');
  const numbers = args.filter((each) => isNumber(each) || isAddress(each));
  const plans = args.filter((each) => !isNumber(each) && !isAddress(each));
  const query = queryFlags(flags);
  const kinds = [
    ...(numbers.length > 0 ? ['numbers of issues'] : []),
    ...(query.length > 0 ? query.slice(0, 1) : []),
    ...(plans.length > 0 ? [`the plan ${quote(plans[0]!)}`] : []),
    ...(flags.issue && flags.issue.length > 0 ? ['--issue'] : []),
  ];
  const isForge = numbers.length > 0 || query.length > 0;
  if (isForge && kinds.length > 1) {
    const what = `${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)} do not go together`;
    const mend = 'start with one of them, and add the other while the batch runs: `millrace steer --add`';
    throw new UsageError({ where: 'start-batch', what, mend });
  }
  if (plans.length > 1) {
    const what = `${quote(plans[0]!)} and ${quote(plans[1]!)} are two plans`;
    throw new UsageError({
      where: plans[1]!,
      what,
      mend: 'start with one, and add the other: `millrace steer --add PLAN`',
    });
  }
  const trustAnyone = flags.trustAnyone ?? false;
  if (numbers.length > 0) {
    const links = numbers.filter(isAddress).map(readIssueLink);
    const byAddress = new Map(links.map(({ typed, number }) => [typed, number]));
    const all = numbers.map((each) => byAddress.get(each) ?? numberOf(each));
    return { kind: 'forge', request: { by: { kind: 'numbers', numbers: all }, trustAnyone }, links };
  }
  if (query.length > 0) return { kind: 'forge', request: { by: queryOf(flags), trustAnyone }, links: [] };
  if (!trustAnyone) return { kind: 'plan', plan: plans[0] ?? null };
  const what = 'it is about issues of a forge, and none is asked for';
  throw new UsageError({ where: '--trust-anyone', what, mend: 'leave it out, or give numbers, `--label` or the like' });
}

/** The issues of the forge that were asked for, as a plan. @throws UsageError, ForgeUnreachable. */
export async function selectPlan(
  cli: Cli,
  settings: Settings,
  { request, links }: Extract<IssueSource, { kind: 'forge' }>,
): Promise<PlanDocument> {
  requireForge(settings, 'work');
  const { url, owner, name } = settings.place!;
  requireOwnLinks(links, settings.place!);
  cli.progress(`reading issues of ${owner}/${name} at ${url}`);
  return (await askForge({ kind: 'select', settings, request }, cli)).plan;
}

/** Skipped issues, one sentence each. */
export function skipNotices(plan: PlanDocument): readonly string[] {
  const skipped = plan.issues.filter(({ skip }) => skip !== null);
  const shown = skipped.slice(0, 20).map(({ id, skip }) => `#${id} is skipped: ${cleanLine(skip ?? '', 300)}`);
  const more = skipped.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more are skipped`] : [])];
}

/** Whether an argument is `42`, or `#42` as people write it. */
function isNumber(argument: string): boolean {
  return /^#?\d+$/.test(argument);
}

function numberOf(argument: string): number {
  const number = Number(argument.replace('#', ''));
  if (number >= 1 && number <= 999_999_999) return number;
  throw noSuchNumber(argument, number === 0 ? 'issues are numbered from 1' : 'no forge has so many issues');
}

function noSuchNumber(where: string, what: string): UsageError {
  return new UsageError({ where, what: `there is no issue of that number: ${what}`, mend: 'write for example `42`' });
}

function queryFlags({ label = [], milestone, assignee, search, limit }: SelectionFlags): readonly string[] {
  const given = { milestone, assignee, search, limit };
  return [
    ...(label.length > 0 ? ['--label'] : []),
    ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`])),
  ];
}

function queryOf(flags: SelectionFlags): ByQuery {
  return {
    kind: 'query',
    labels: parseLabels(flags.label ?? []),
    milestone: words('--milestone', flags.milestone),
    assignee: assigneeOf(flags.assignee),
    search: words('--search', flags.search),
    limit: flags.limit === undefined ? null : limitOf(flags.limit),
  };
}

/** A login; `@me` is the account of the credential, which only the forge knows. */
function assigneeOf(text: string | undefined): string | null {
  const login = words('--assignee', text);
  if (login === null || login === '@me') return login;
  const plain = login.replace(/^@/, '');
  // To forges some words mean "nobody" and "anybody".
  if (/^\w[\w.-]*(?:\[bot\])?$/.test(plain) && plain.toLowerCase() !== 'none') return plain;
  const what = `${quote(login)} is not the name of an account`;
  throw new UsageError({ where: '--assignee', what, mend: 'write for example `--assignee alice`, or `@me`' });
}

function words(flag: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const clean = cleanLine(text, MAX_WORDS + 1);
  if (clean !== '' && clean.length <= MAX_WORDS) return clean;
  const what = `${quote(text)} is not 1 to ${MAX_WORDS} characters`;
  throw new UsageError({ where: flag, what, mend: `write for example \`${flag} ${examples[flag] ?? 'NAME'}\`` });
}

const examples: Readonly<Record<string, string>> = {
  '--milestone': 'v1.2',
  '--assignee': 'alice',
  '--search': "'login fails'",
};

function limitOf(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 10_000) return limit;
  const what = `${quote(text)} is not a whole number from 1 to 10000`;
  throw new UsageError({ where: '--limit', what, mend: 'write for example `--limit 10`' });
}

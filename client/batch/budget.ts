import type { Budget } from '../../workflows/domain/settings.ts';
import { budgetUpdate } from '../../workflows/messages.ts';
import { batchHandle } from '../../workflows/starts.ts';
import { ask } from './update.ts';
import { UsageError } from '../input/errors.ts';
import type { Session } from '../session/session.ts';
import { quote } from '../input/text.ts';

/** Flags that change a batch's budget, as they were typed. */
export interface BudgetFlags {
  readonly budget?: string;
  readonly budgetTokens?: string;
}

/** Reads the amounts; one that was not typed is left out and stays unchanged. @throws UsageError that names the flag. */
export function parseBudget({ budget, budgetTokens }: BudgetFlags): Partial<Budget> {
  return {
    ...(budget === undefined
      ? {}
      : { costUsd: amount(budget, { flag: '--budget', pattern: /^\d{1,6}(\.\d{1,4})?$/, example: '40' }) }),
    ...(budgetTokens === undefined
      ? {}
      : { tokens: amount(budgetTokens, { flag: '--budget-tokens', pattern: /^\d{1,12}$/, example: '20000000' }) }),
  };
}

/** Changes what a batch may spend in all. Returns a line with the amounts before and after. */
export async function changeBudget(session: Session, batch: string, wanted: Partial<Budget>): Promise<string> {
  const handle = batchHandle(session.client, batch);
  const { before, after } = await ask(session.client, () => handle.executeUpdate(budgetUpdate, { args: [wanted] }));
  return `budget ${words(before)} → ${words(after)}`;
}

function amount(
  text: string,
  how: { readonly flag: string; readonly pattern: RegExp; readonly example: string },
): number | null {
  if (text === 'none') return null;
  if (how.pattern.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError({
    where: how.flag,
    what: `${quote(text)} is no amount above 0`,
    mend: `write for example \`${how.flag} ${how.example}\`, or \`${how.flag} none\` for no limit`,
  });
}

function words({ costUsd, tokens }: Budget): string {
  const parts = [
    ...(costUsd === null ? [] : [`${costUsd} US dollars`]),
    ...(tokens === null ? [] : [`${tokens} tokens`]),
  ];
  return parts.length === 0 ? 'without limit' : parts.join(' and ');
}

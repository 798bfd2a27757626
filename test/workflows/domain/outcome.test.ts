import { expect, test } from 'vitest';
import type { Cli } from '../../../client/cli.ts';
import { startBatchCommand } from '../../../client/commands/start-batch.ts';
import { isSuccess, outcomeKinds } from '../../../workflows/domain/outcome.ts';

const successes = ['approved', 'landed', 'no-change', 'skipped'] as const;
const others = ['needs-manual-review', 'review-failed', 'failed', 'cancelled'] as const;

test('every kind of outcome is listed once', () => {
  expect([...outcomeKinds].sort()).toEqual([...successes, ...others].sort());
});

test.each(successes)('%s is a success', (kind) => expect(isSuccess(kind)).toBe(true));

test.each(others)('%s is none', (kind) => expect(isSuccess(kind)).toBe(false));

test('the help of start-batch names exactly the successes for its exit code 0', () => {
  let help = '';
  const command = startBatchCommand({} as Cli, () => {});
  command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
  const named = /Exit codes: 0 every issue ([^;]+);/.exec(help)?.[1] ?? '';
  expect(named.split(/, | or /)).toEqual(outcomeKinds.filter(isSuccess));
});

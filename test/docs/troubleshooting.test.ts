import { expect, test } from 'vitest';
import { page } from './pages.ts';
import { sources } from './sources.ts';

/** The messages at the beginning of each point: before the first colon that is outside of them. */
const messages = page('docs/troubleshooting.md')
  .split('\n')
  .filter((line) => line.startsWith('- `'))
  .flatMap((line) => [...(/^- ((?:``.+?``|`[^`]+`)(?:, )?)+:/.exec(line)?.[0].matchAll(/``(.+?)``|`([^`]+)`/g) ?? [])])
  .map(([, long, short]) => (long ?? short ?? '').trim());

function isSaid(message: string): boolean {
  const parts = message.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(parts.join(String.raw`[^\n]{1,200}?`)).test(sources);
}

test.each(messages)('some code says: %s', (message) => expect(isSaid(message)).toBe(true));

test('every point of the page begins with a message, or with none', () => {
  expect(messages.length).toBeGreaterThan(50);
  expect(isSaid('this is not a message of ours')).toBe(false);
});

import { expect, test } from 'vitest';
import { pricedBy, priceOf } from '../../../activities/attempt/spending.ts';
import type { Profile, Settings } from '../../../workflows/domain/settings.ts';

const price = { input: 3, output: 15, cached: 0.3 };
const told = { inputTokens: 100_000, outputTokens: 20_000, cachedTokens: 1_000_000 };

test('a tool’s own word on money counts, else its price makes it of the tokens, each kind at its own', () => {
  expect(pricedBy(price)({ ...told, costUsd: 2 }).costUsd).toBe(2);
  expect(pricedBy(price)({ ...told, costUsd: 0 }).costUsd).toBe(0);
  expect(pricedBy(price)({ ...told, costUsd: null }).costUsd).toBeCloseTo(0.3 + 0.3 + 0.3, 10);
  expect(pricedBy(null)({ ...told, costUsd: null })).toEqual({ ...told, costUsd: 0 });
});

test('a price is that of the profile’s model, and without one that of its agent', () => {
  const settings = { prices: { 'gpt-5-codex': price, gemini: { ...price, input: 1 } } } as unknown as Settings;
  const of = (agent: Profile['agent'], model: string | null) => priceOf(settings, { agent, model } as Profile);
  expect(of('codex', 'gpt-5-codex')).toEqual(price);
  expect(of('gemini', null)?.input).toBe(1);
  expect(of('gemini', 'gemini-2.5-pro')).toBeNull();
  expect(of('codex', null)).toBeNull();
});

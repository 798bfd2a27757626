import { describe, expect, test } from 'vitest';
import { createProfileChoice, standIns } from '../../../../workflows/domain/agent/profile-choice.ts';
import { policy } from '../../../support/workflow/workflow-ground.ts';

const chains = {
  ...policy,
  roles: { ...policy.roles, implement: ['cheap', 'strong'], fix: ['cheap', 'strong'], review: ['critic'] },
  fallbacks: { cheap: 'other', other: 'spare' },
};

describe('the profile for a role', () => {
  test('is the first of its chain, and the next one after each escalation', () => {
    const choice = createProfileChoice(chains);
    expect(choice.profileFor('implement', 0)).toBe('cheap');
    expect(choice.escalate('implement')).toBe(true);
    expect(choice.profileFor('implement', 0)).toBe('strong');
    expect(choice.escalate('implement')).toBe(false);
    expect(choice.profileFor('implement', 0)).toBe('strong');
  });

  test('escalates for every role with the same chain, and for no other', () => {
    const choice = createProfileChoice(chains);
    choice.escalate('implement');
    expect(choice.profileFor('fix', 0)).toBe('strong');
    expect(choice.profileFor('review', 0)).toBe('critic');
  });

  test('is a stand-in while the first choice is parked', () => {
    const choice = createProfileChoice(chains);
    choice.park('cheap', 100);
    expect(choice.profileFor('implement', 99)).toBe('other');
    expect(choice.profileFor('implement', 100)).toBe('cheap');
    expect(choice.usableAt('implement')).toBe(0);
  });

  test('is the one that is free first where all of them are parked', () => {
    const choice = createProfileChoice(chains, { cheap: 300, other: 200, spare: 250 });
    expect(choice.profileFor('implement', 0)).toBe('other');
    expect(choice.usableAt('implement')).toBe(200);
  });
});

test('a person who knows better frees every profile, and is told which ones were parked', () => {
  const choice = createProfileChoice(chains, { cheap: 300, critic: 50 });
  expect(choice.unparkAll(100)).toEqual(['cheap']);
  expect(choice.profileFor('implement', 100)).toBe('cheap');
});

test('times in a row that a quota was used up are counted until an attempt ends otherwise', () => {
  const choice = createProfileChoice(chains);
  expect([choice.limited('cheap'), choice.limited('cheap'), choice.limited('other')]).toEqual([1, 2, 1]);
  choice.worked('cheap');
  expect(choice.limited('cheap')).toBe(1);
});

test('stand-ins that name each other end', () => {
  expect(standIns({ fallbacks: { a: 'b', b: 'a' } }, 'a')).toEqual(['a', 'b']);
  expect(standIns({}, 'a')).toEqual(['a']);
});

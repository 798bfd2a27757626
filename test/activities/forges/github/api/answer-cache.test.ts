import { expect, it } from 'vitest';
import { createAnswerCache } from '../../../../../activities/forges/github/api/answer-cache.ts';

const answer = (body: string) => ({ etag: `"${body.length}"`, headers: [], body });

it('an answer that was not asked for the longest makes room', () => {
  const cache = createAnswerCache(10);
  cache.put('/a', answer('aaaa'));
  cache.put('/b', answer('bbbb'));
  cache.get('/a');
  cache.put('/c', answer('cccc'));
  expect(['/a', '/b', '/c'].map((url) => cache.get(url)?.body)).toEqual(['aaaa', undefined, 'cccc']);
});

it('one that is too big for all is not kept, and takes its older self away', () => {
  const cache = createAnswerCache(10);
  cache.put('/a', answer('aaaa'));
  cache.put('/a', answer('a'.repeat(11)));
  expect(cache.get('/a')).toBeUndefined();
});

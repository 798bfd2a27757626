import { expect, test } from 'vitest';
import { page, spans } from './pages.ts';
import { sources } from './sources.ts';

/** From one process of ours to another; no person sets them. */
const inner = ['MILLRACE_EMBEDDED', 'MILLRACE_GIT_USER', 'MILLRACE_GIT_TOKEN', 'MILLRACE_OWNER_HOME'];

const ours = /\bMILLRACE_[A-Z_]*[A-Z]\b/g;
const told = new Set(['docs/environment.md', 'docs/agents/command.md'].flatMap((name) => page(name).match(ours) ?? []));

test('every variable of ours that the code knows is on a page', () => {
  const known = new Set(sources.match(ours));
  expect([...known].filter((name) => !told.has(name) && !inner.includes(name))).toEqual([]);
});

test('every variable of the page is one that the code or Temporal’s own client reads', () => {
  const names = spans(page('docs/environment.md')).filter((span) => /^[A-Z]+_[A-Z_]+$/.test(span));
  // git, Node and Temporal's package for such variables read these themselves.
  const read = names.filter((name) => !/^(TEMPORAL_|GIT_SSL_CAINFO$|NODE_EXTRA_CA_CERTS$)/.test(name));
  expect(read.length).toBeGreaterThan(15);
  expect(read.filter((name) => !sources.includes(name))).toEqual([]);
});

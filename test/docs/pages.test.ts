import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../client/config/schema.ts';
import { planSchema } from '../../client/plan/schema.ts';
import { agentFacts } from '../../workflows/domain/agent-facts.ts';
import { promptConditions, promptPartials, promptTexts } from '../../workflows/domain/agent/prompt.ts';
import { agentKinds } from '../../workflows/domain/agent-facts.ts';
import { blocks, page, pages, root, spans } from './pages.ts';

const names = [...pages.keys()];

/** As GitHub makes them of headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

test.each(names)('every link and every file that %s names is there', (name) => {
  const content = page(name);
  const links = [...content.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => join(dirname(name), link!));
  const files = spans(content).filter((span) =>
    /^(workflows|activities|client|worker|test|docs|examples)\/[\w./-]+$/.test(span),
  );
  expect([...links, ...files].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(names)('every heading that %s links to is there', (name) => {
  const links = [...page(name).matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)];
  const missing = links.filter(([, path, anchor]) => {
    const target = path === '' ? name : join(dirname(name), path!);
    return !anchorsOf(page(target)).includes(anchor!);
  });
  expect(missing.map(([link]) => link)).toEqual([]);
});

test.each(names)('the YAML of %s is what our doors accept', (name) => {
  const parsed = blocks(page(name), 'yaml').map((block) => parse(block) as Record<string, unknown>);
  for (const each of parsed) {
    const schema = 'tasks' in each ? planSchema : configSchema;
    expect(schema.safeParse(each).error?.issues ?? [], JSON.stringify(each)).toEqual([]);
  }
});

test('every page is reached from the README', () => {
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const [, link] of page(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      const path = join(dirname(name), link!);
      if (pages.has(path)) visit(path);
      // A folder is shown as a list of what is in it.
      for (const each of names) if (dirname(each) === path) visit(each);
    }
  };
  visit('README.md');
  expect(names.filter((name) => !seen.has(name) && name !== 'AGENTS.md')).toEqual([]);
});

test('the README fits on two screens', () => {
  const lines = page('README.md').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(120);
  expect(lines.filter((line) => line.startsWith('|') && stringWidth(line) > 110)).toEqual([]);
});

test('the page on prompts names all that one can hold', () => {
  const named = new Set(spans(page('docs/prompts.md')));
  expect([...promptTexts, ...promptConditions, ...promptPartials].filter((name) => !named.has(name))).toEqual([]);
});

test.each(agentKinds)('there is a page for the agent %s, and the index links to it', (agent) => {
  expect(page('docs/agents.md')).toContain(`[\`${agent}\`](agents/${agent}.md)`);
  expect(page(`docs/agents/${agent}.md`)).toMatch(new RegExp(`^# .*\`${agent}\``));
});

test.each(Object.entries(agentFacts))('what is written of %s is what doctor says of it', (agent, facts) => {
  const text = page(`docs/agents/${agent}.md`);
  expect(text).toContain(facts.install);
  expect(text).toContain(`at version ${facts.version}`);
  const models = facts.model.words.split(/[ ,]+/).filter((word) => !/^(a|as|full|name|or|such)$/.test(word));
  expect(models.filter((model) => !text.includes(`\`${model}\``))).toEqual([]);
  expect(text.includes('prices:'), 'prices').toBe(!facts.reportsCost);
  const index = page('docs/agents.md');
  expect(index).toContain(`${facts.install.replace('npm install -g ', '`')}\``);
  const verified = index.slice(index.indexOf('## Verified against'));
  expect(verified).toMatch(new RegExp(`^\\| \`${agent}\` +\\| ${facts.version.replaceAll('.', '\\.')} `, 'm'));
});

test('AGENTS.md is short, and CLAUDE.md is the same file', () => {
  expect(page('AGENTS.md').split('\n').length).toBeLessThan(80);
  expect(readFileSync(join(root, 'CLAUDE.md'), 'utf8')).toBe(page('AGENTS.md'));
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../client/config/schema.ts';
import { planSchema } from '../client/plan/schema.ts';
import { agentFacts } from '../workflows/domain/agent-facts.ts';
import { promptConditions, promptPartials, promptTexts } from '../workflows/domain/agent/prompt.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = (path: string) => readdirSync(join(root, path)).map((name) => `${path}/${name}`);
const pages = ['README.md', 'AGENTS.md', ...folder('docs'), ...folder('docs/adr')].filter((name) =>
  name.endsWith('.md'),
);
const text = new Map(pages.map((name) => [name, readFileSync(join(root, name), 'utf8')]));

test.each(pages)('every link and every file that %s names is there', (page) => {
  const content = text.get(page) ?? '';
  const links = [...content.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => join(dirname(page), link ?? ''));
  const files = [...content.matchAll(/`((?:workflows|activities|client|worker|test|docs|examples)\/[\w./-]+)`/g)];
  const missing = [...links, ...files.map(([, file]) => file ?? '')].filter((path) => !existsSync(join(root, path)));
  expect(missing).toEqual([]);
});

test('every verb of the documents is a script of the package', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const all = [...text.values()].join('\n');
  const verbs = [...all.matchAll(/`millrace ([a-z][\w-]*)|npm run (?:-s )?([a-z][\w:-]*)/g)].map(
    ([, a, b]) => a ?? b ?? '',
  );
  expect(verbs.length).toBeGreaterThan(20);
  expect([...new Set(verbs)].filter((verb) => scripts[verb] === undefined)).toEqual([]);
});

test('every flag of the README is one of a command', () => {
  const commands = folder('client/commands')
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  const spans = [...(text.get('README.md') ?? '').matchAll(/`((?:millrace|-)[^`\n]*)`/g)].map(([, span]) => span ?? '');
  const flags = new Set(spans.flatMap((span) => span.match(/--[a-z][a-z-]*/g) ?? []));
  expect(flags.size).toBeGreaterThan(15);
  expect([...flags].filter((flag) => flag !== '--help' && !commands.includes(flag))).toEqual([]);
});

test('the YAML of the README is what our doors accept', () => {
  const blocks = [...(text.get('README.md') ?? '').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');
  const parsed = blocks.map((block) => parse(block) as Record<string, unknown>);
  expect(parsed).toHaveLength(3);
  for (const each of parsed) {
    const schema = 'tasks' in each ? planSchema : configSchema;
    expect(schema.safeParse(each).error?.issues ?? []).toEqual([]);
  }
});

test('the README explains every line of the configuration', () => {
  const readme = text.get('README.md') ?? '';
  for (const key of Object.keys(configSchema.shape)) expect(readme).toMatch(new RegExp(`^\\| \`${key}\\b`, 'm'));
});

test('the page on agents names all that a prompt can hold, and every agent with the version that was run', () => {
  const page = text.get('docs/agents.md') ?? '';
  const section = page.slice(page.indexOf('## Prompts'), page.indexOf('## Processes'));
  const named = new Set([...section.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect([...promptTexts, ...promptConditions, ...promptPartials].filter((name) => !named.has(name))).toEqual([]);
  const verified = page.slice(page.indexOf('## Verified against'));
  for (const [agent, { version }] of Object.entries(agentFacts)) {
    expect(verified).toMatch(new RegExp(`^\\| \`${agent}\` +\\| ${version.replaceAll('.', '\\.')} `, 'm'));
    expect(page).toContain(`@${version}\``);
  }
});

test('AGENTS.md is short, and CLAUDE.md is the same file', () => {
  const lines = (text.get('AGENTS.md') ?? '').split('\n').length;
  expect(lines).toBeLessThan(80);
  expect(readFileSync(join(root, 'CLAUDE.md'), 'utf8')).toBe(text.get('AGENTS.md'));
});

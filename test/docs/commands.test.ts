import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../../client/program.ts';
import { blocks, page, pages, root, spans } from './pages.ts';

const signal = new AbortController().signal;
const program = createProgram({ env: {}, cwd: '/', out: process.stdout, progress: () => {}, signal }, () => {});
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** What a document says to type: the words after `millrace`, quotes taken off, up to a comment or the next command. */
function typed(line: string): readonly string[] {
  const [command = ''] = line.split(/ # |#$| [>|&;]|\s{2,}/);
  return [...command.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word.replace(/^['"]|['"]$/g, '')).slice(1);
}

/** What is wrong with a command as commander would see it; null: nothing. */
function problemOf(words: readonly string[]): string | null {
  let command: Command = program;
  const rest = [...words];
  while (command.commands.length > 0) {
    if (rest[0] === undefined || rest[0].startsWith('-')) break;
    const name = rest.shift();
    const found = command.commands.find((each) => each.name() === name);
    if (!found) return `${command.name()} has no command ${name}`;
    command = found;
  }
  for (const word of rest) {
    if (!word.startsWith('-')) continue;
    const [flag = ''] = word.split('=');
    if (!flagsOf(command).includes(flag)) return `${command.name()} has no option ${flag}`;
  }
  return null;
}

function flagsOf(command: Command): readonly string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ short, long }) => [short, long].map(String));
}

const commandsIn = (text: string) =>
  [...blocks(text, 'sh').flatMap((block) => block.split('\n')), ...spans(text)]
    .map((line) => line.replace(/^\w+=\S+ (?=millrace )/, ''))
    .filter((line) => /^millrace\b(?!:)/.test(line));

test.each([...pages.keys()])('what %s says to type is a command, with options that it has', (name) => {
  const problems = commandsIn(page(name))
    .map((line) => [line, problemOf(typed(line).filter((word) => !/^[A-Z]+$/.test(word)))] as const)
    .filter(([, problem]) => problem !== null);
  expect(problems).toEqual([]);
});

test('the documents tell more than twenty commands', () => {
  expect([...pages.values()].flatMap(commandsIn).length).toBeGreaterThan(20);
});

test('a command or an option that is not there is found', () => {
  expect(problemOf(['start-batch', '42', '--dry-run', '-C', '../shop'])).toBeNull();
  expect(problemOf(['issues', 'create', 'plan.yaml', '--label', 'x'])).toBeNull();
  expect(problemOf(['begin-batch'])).toBe('millrace has no command begin-batch');
  expect(problemOf(['status', '--width', '2'])).toBe('status has no option --width');
});

test('a flag that stands alone is one of some command', () => {
  const all = (command: Command): readonly string[] => [...flagsOf(command), ...command.commands.flatMap(all)];
  const known = new Set([...all(program), '--help']);
  const told = ['README.md', 'docs/batches.md', 'docs/forges.md', 'docs/production.md', 'docs/security.md'];
  const flags = told.flatMap((name) => spans(page(name))).flatMap((span) => /^--[a-z][a-z-]*/.exec(span) ?? []);
  expect(flags.length).toBeGreaterThan(10);
  expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
});

test('every script that the documents tell to run is one of the package', () => {
  const all = [...pages.values()].join('\n');
  const names = [...all.matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name]) => name!);
  expect(new Set(names).size).toBeGreaterThan(5);
  expect(names.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('every command is a script of the package', () => {
  expect(program.commands.map((each) => each.name()).filter((name) => scripts[name] === undefined)).toEqual([]);
});

import { expect, test } from 'vitest';
import { piAgent } from '../../../activities/agents/pi.ts';
import { launchOf } from '../../support/agents/launch.ts';

const off = ['--no-extensions', '--no-skills', '--no-prompt-templates', '--no-themes'];
const first = ['pi', '--mode', 'json', '-p', '--session', '/s/ours.jsonl', '--model', 'mock/m'];

test('the file is the session: a first run and a resume are the same command, the prompt on stdin', () => {
  const launch = piAgent.launch(launchOf('pi'));
  expect(launch.argv).toEqual([...first, ...off]);
  expect(launch.stdin).toBe('--do it');
  expect(piAgent.launch(launchOf('pi', { resume: 'its-own' }))).toEqual(launch);
});

test.each(['review', 'triage'] as const)('to %s it has a shell, and nothing that edits', (role) => {
  const { argv } = piAgent.launch(launchOf('pi', { role }));
  expect(argv).toEqual([...first, '--tools', 'read,bash,grep,find,ls', ...off]);
});

test('a profile names the program, leaves the model open and adds arguments at the end', () => {
  const profile = { run: ['node', 'cli.js'], model: null, args: ['--thinking', 'high'] };
  const { argv } = piAgent.launch(launchOf('pi', { profile }));
  expect(argv).toEqual(['node', 'cli.js', ...first.slice(1, 6), ...off, '--thinking', 'high']);
});

test('another session than the one to resume is hopeless at its first line', () => {
  const parser = piAgent.parser({ role: 'implement', resume: 'asked' });
  expect(parser.line('{"type":"session","id":"other"}').at(-1)).toEqual({ kind: 'hopeless' });
});

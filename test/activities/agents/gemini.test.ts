import { expect, test } from 'vitest';
import { geminiAgent } from '../../../activities/agents/gemini.ts';
import { launchOf } from '../../support/agents/launch.ts';

const first = ['gemini', '--skip-trust', '--approval-mode', 'yolo', '-o', 'stream-json', '-m', 'mock/m'];

test.each(['implement', 'fix', 'resolve'] as const)('to %s it starts our session, the prompt on stdin', (role) => {
  const { argv, stdin, policy } = geminiAgent.launch(launchOf('gemini', { role }));
  expect(argv).toEqual([...first, '--session-id', 'ours']);
  expect(stdin).toBe('--do it');
  expect(policy).toBeUndefined();
});

test.each(['review', 'triage'] as const)('to %s it has a policy that takes its editing tools away', (role) => {
  const { argv, policy } = geminiAgent.launch(launchOf('gemini', { role }));
  expect(argv).toEqual([...first, '--session-id', 'ours', '--policy', '/policy']);
  expect(policy).toContain('toolName = ["write_file", "replace"]\ndecision = "deny"');
});

test('a resume names the session, and does not preset one', () => {
  const { argv } = geminiAgent.launch(launchOf('gemini', { resume: 'theirs' }));
  expect(argv).toEqual([...first, '--resume', 'theirs']);
});

test('a profile names the program, leaves the model open and adds arguments at the end', () => {
  const profile = { run: ['node', 'g.js'], model: null, args: ['--debug'] };
  const { argv } = geminiAgent.launch(launchOf('gemini', { profile }));
  expect(argv).toEqual(['node', 'g.js', ...first.slice(1, 6), '--session-id', 'ours', '--debug']);
});

test('another session than the one to resume is hopeless at its first line', () => {
  const parser = geminiAgent.parser({ role: 'implement', resume: 'asked' });
  expect(parser.line('{"type":"init","session_id":"other"}').at(-1)).toEqual({ kind: 'hopeless' });
});

test.each([
  [145, 'unavailable'],
  [173, 'limited'],
])('exit %i without a result is an HTTP status: %s', (code, kind) => {
  const parser = geminiAgent.parser({ role: 'implement', resume: null });
  expect(parser.end({ end: { kind: 'exited', code }, stderr: 'it failed', resultFile: null, at: 0 }).kind).toBe(kind);
});

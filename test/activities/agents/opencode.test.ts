import { expect, test } from 'vitest';
import { opencodeAgent } from '../../../activities/agents/opencode.ts';
import { launchOf } from '../../support/agents/launch.ts';

const first = ['opencode', 'run', '--format', 'json', '--auto', '-m', 'mock/m'];

test.each(['implement', 'review', 'triage'] as const)('to %s it starts a session, the prompt on stdin', (role) => {
  const { argv, stdin } = opencodeAgent.launch(launchOf('opencode', { role }));
  expect(argv).toEqual(first);
  expect(stdin).toBe('--do it');
});

test('a resume names the session that it told', () => {
  const { argv } = opencodeAgent.launch(launchOf('opencode', { resume: 'ses_1' }));
  expect(argv).toEqual([...first, '--session', 'ses_1']);
});

test('a profile names the program, leaves the model open and adds arguments at the end', () => {
  const profile = { run: ['/opt/oc'], model: null, args: ['--agent', 'build'] };
  const { argv } = opencodeAgent.launch(launchOf('opencode', { profile }));
  expect(argv).toEqual(['/opt/oc', ...first.slice(1, 5), '--agent', 'build']);
});

test('the second overflow of a run is hopeless, the first is not', () => {
  const parser = opencodeAgent.parser({ role: 'implement', resume: null });
  const overflow = '{"type":"error","sessionID":"s","error":{"name":"ContextOverflowError","data":{}}}';
  expect(parser.line(overflow)).toEqual([{ kind: 'session', id: 's' }]);
  expect(parser.line(overflow)).toEqual([{ kind: 'hopeless' }]);
});

test('another session than the one to resume is hopeless at its first line', () => {
  const parser = opencodeAgent.parser({ role: 'implement', resume: 'asked' });
  expect(parser.line('{"type":"step_start","sessionID":"other"}').at(-1)).toEqual({ kind: 'hopeless' });
});

test('a reviewer is offered no tool that edits', () => {
  expect(opencodeAgent.launch(launchOf('opencode', { role: 'review' })).env).toMatchObject({
    OPENCODE_PERMISSION: '{"edit":"deny"}',
  });
  expect(opencodeAgent.launch(launchOf('opencode')).env).not.toHaveProperty('OPENCODE_PERMISSION');
});

import { expect, test } from 'vitest';
import { codexAgent } from '../../../activities/agents/codex.ts';
import { launchOf } from '../../support/agents/launch.ts';

const settings = (sandbox: string) => [
  '--json',
  ...[
    `sandbox_mode="${sandbox}"`,
    'approval_policy="never"',
    'check_for_update_on_startup=false',
    'analytics.enabled=false',
    'feedback.enabled=false',
  ].flatMap((setting) => ['-c', setting]),
];

test('begins a thread, and resumes one by its id; the prompt is on stdin', () => {
  const launch = codexAgent.launch(launchOf('codex'));
  expect(launch.argv).toEqual(['codex', 'exec', ...settings('workspace-write'), '-m', 'mock/m', '-']);
  expect(launch.stdin).toBe('--do it');
  const resumed = codexAgent.launch(launchOf('codex', { resume: 'thread-1' }));
  expect(resumed.argv).toEqual([
    'codex',
    'exec',
    'resume',
    ...settings('workspace-write'),
    '-m',
    'mock/m',
    'thread-1',
    '-',
  ]);
});

test.each(['review', 'triage'] as const)('to %s it reads only', (role) => {
  expect(codexAgent.launch(launchOf('codex', { role })).argv).toContain('sandbox_mode="read-only"');
});

test('a schema comes as a file, arguments of the profile before the prompt', () => {
  const spec = launchOf('codex', { profile: { run: ['/opt/codex'], model: null, args: ['--skip-git-repo-check'] } });
  const { argv } = codexAgent.launch({ ...spec, files: { ...spec.files, schema: '/a/schema.json' } });
  expect(argv[0]).toBe('/opt/codex');
  expect(argv.slice(-4)).toEqual(['--output-schema', '/a/schema.json', '--skip-git-repo-check', '-']);
});

test('another thread than the one to resume is hopeless at its first line', () => {
  const parser = codexAgent.parser({ role: 'implement', resume: 'asked' });
  expect(parser.line('{"type":"thread.started","thread_id":"other"}').at(-1)).toEqual({ kind: 'hopeless' });
});

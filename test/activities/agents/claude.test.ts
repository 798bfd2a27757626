import { describe, expect, test } from 'vitest';
import { claudeAgent } from '../../../activities/agents/claude.ts';
import { launchOf } from '../../support/agents/launch.ts';

const first = [
  'claude',
  '-p',
  '--output-format',
  'stream-json',
  '--verbose',
  '--setting-sources',
  'user',
  '--strict-mcp-config',
];
const work = ['--permission-mode', 'acceptEdits', '--allowedTools=Bash'];
const model = ['--model', 'mock/m'];

describe('the command', () => {
  test('begins a session under our id, and resumes it under its own; the prompt is on stdin', () => {
    const launch = claudeAgent.launch(launchOf('claude'));
    expect(launch.argv).toEqual([...first, ...work, ...model, '--session-id', 'ours']);
    expect(launch.stdin).toBe('--do it');
    const resumed = claudeAgent.launch(launchOf('claude', { resume: 'its-own' }));
    expect(resumed.argv).toEqual([...first, ...work, ...model, '--resume', 'its-own']);
  });

  test.each(['review', 'triage'] as const)('of %s may run programs, and edit nothing', (role) => {
    const { argv } = claudeAgent.launch(launchOf('claude', { role }));
    expect(argv).toContain('--disallowedTools=Edit,Write,NotebookEdit');
    expect(argv.slice(argv.indexOf('--permission-mode')).slice(0, 3)).toEqual([
      '--permission-mode',
      'default',
      '--allowedTools=Bash',
    ]);
  });

  test('hands over limits and the schema, as far as there are any', () => {
    const spec = launchOf('claude', { profile: { args: ['--effort', 'low'] } });
    const limits = { ...spec.profile.limits, turns: 80 };
    const { argv } = claudeAgent.launch({ ...spec, profile: { ...spec.profile, limits }, costUsd: 1.5, schema: '{}' });
    expect(argv.slice(argv.indexOf('--max-turns'))).toEqual([
      '--max-turns',
      '80',
      '--max-budget-usd',
      '1.5',
      '--json-schema',
      '{}',
      '--effort',
      'low',
    ]);
  });

  test('sends nothing home and does not update itself', () => {
    expect(claudeAgent.launch(launchOf('claude')).env).toEqual({
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    });
  });
});

describe('a run', () => {
  const exit = { end: { kind: 'exited', code: 0 }, stderr: '', resultFile: null, at: 0 } as const;
  const claim = { verdict: 'approved', summary: 'fine', findings: [] };
  const ended = (result: object) =>
    `{"type":"result","session_id":"s","is_error":false,${JSON.stringify(result).slice(1)}`;

  test('hands over structured output, or else the last block of its text', () => {
    const wanted = { kind: 'claimed', claim: { kind: 'review', ...claim, judgements: [] } };
    for (const result of [
      { structured_output: claim },
      { result: `Well.\n\n\`\`\`json\n${JSON.stringify(claim)}\n\`\`\`` },
    ]) {
      const parser = claudeAgent.parser({ role: 'review', resume: null });
      parser.line(ended(result));
      expect(parser.end(exit)).toEqual(wanted);
    }
  });

  test('that goes on in another session is hopeless at its first line, and lost', () => {
    const parser = claudeAgent.parser({ role: 'implement', resume: 'asked' });
    expect(parser.line('{"type":"system","session_id":"other"}').at(-1)).toEqual({ kind: 'hopeless' });
    parser.line(ended({ result: 'done' }));
    expect(parser.end(exit).kind).toBe('session-lost');
  });

  test('of an older version tells its money in a first run only: the total is the session’s', () => {
    const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 2 };
    for (const [resume, costUsd] of [
      [null, 0.5],
      ['s', null],
    ] as const) {
      const parser = claudeAgent.parser({ role: 'implement', resume });
      expect(parser.line(ended({ result: '', usage, total_cost_usd: 0.5 })).at(-1)).toEqual({
        kind: 'usage',
        of: 'run',
        usage: { inputTokens: 10, outputTokens: 5, cachedTokens: 2, costUsd },
      });
    }
  });
});

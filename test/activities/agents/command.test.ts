import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentEvent, AgentExit, Conclusion } from '../../../activities/agents/agent.ts';
import { commandAgent } from '../../../activities/agents/command.ts';
import { createLineSplitter } from '../../../activities/process/lines.ts';
import type { ProcessEnd } from '../../../activities/process/process.ts';

const exited = (code: number): ProcessEnd => ({ kind: 'exited', code });

interface Heard {
  readonly events: readonly AgentEvent[];
  readonly conclusion: Conclusion;
}

/** What the adapter makes of an output that arrives in these pieces. */
function hear(chunks: readonly Buffer[], exit: Partial<AgentExit> = {}): Heard {
  const parser = commandAgent.parser({ role: 'implement', resume: null });
  const events: AgentEvent[] = [];
  const split = createLineSplitter(1024 * 1024, (line) => events.push(...parser.line(line)));
  for (const chunk of chunks) split.push(chunk);
  split.end();
  return { events, conclusion: parser.end({ end: exited(0), stderr: '', resultFile: null, at: 0, ...exit }) };
}

const concluded = (lines: readonly string[], exit: Partial<AgentExit> = {}): Conclusion =>
  hear([Buffer.from(lines.map((line) => `${line}\n`).join(''))], exit).conclusion;

const completed = '{"type":"result","status":"completed","summary":"done"}';
const claim = { kind: 'claimed', claim: { kind: 'work', status: 'completed', summary: 'done' } };

describe('a result', () => {
  test.each<[string, readonly string[], Partial<AgentExit>]>([
    ['as an event', [completed], {}],
    ['as an event, with a non-zero exit', [completed], { end: exited(7) }],
    ['as an event of a program that then hung', [completed], { end: { kind: 'timed-out', limit: 'idle' } }],
    ['in the result file', ['bye'], { resultFile: '{"status":"completed","summary":"done"}\n' }],
    [
      'in the result file, when the event does not validate',
      ['{"type":"result","status":"great"}'],
      { resultFile: completed },
    ],
    ['as the last of several events', ['{"type":"result","status":"failed","summary":"no"}', completed], {}],
    [
      'as a block of seed 002',
      ['ISSUE_WORKER_RESULT', 'issue: 42', 'pr: 55', 'branch: b', 'status: success', 'title: t', 'summary: done'],
      {},
    ],
    [
      'as a block in a fence, with more text after it',
      ['```', 'PR_FIXER_RESULT', 'pr: 5', 'status: fixed', 'changes: done', '```', 'Bye!'],
      {},
    ],
    [
      'as a block with decoration and a wrapped line',
      ['## ISSUE_WORKER_RESULT', '', '- **status:** Success', '- **summary:**', '  done'],
      {},
    ],
    [
      'as the newest of several blocks',
      ['PR_FIXER_RESULT', 'status: failed', '', 'PR_FIXER_RESULT', 'status: partial', 'changes: done'],
      {},
    ],
    ['before a limit that was then passed', ['{"type":"limited","resetsAt":"2026-01-01T00:00:00Z"}', completed], {}],
  ])('counts %s', (_name, lines, exit) => {
    expect(concluded(lines, exit)).toEqual(claim);
  });

  test('of a review has its findings, cut to what can be read', () => {
    const finding = { file: 'a.ts', line: '7', severity: 'major', body: 'x'.repeat(10_000) };
    const findings = [finding, { body: 'as a whole' }, ...Array.from({ length: 100 }, () => finding)];
    const conclusion = concluded([JSON.stringify({ type: 'result', verdict: 'needs-work', summary: 's', findings })]);
    const review = conclusion.kind === 'claimed' && conclusion.claim.kind === 'review' ? conclusion.claim : null;
    expect(review?.findings).toHaveLength(50);
    expect(review?.findings[0]).toMatchObject({ file: 'a.ts', line: 7, severity: 'major' });
    expect(review?.findings[0]?.body).toHaveLength(4096);
    expect(review?.findings[1]).toEqual({
      fingerprint: '8677d286',
      file: '',
      line: null,
      severity: 'unspecified',
      body: 'as a whole',
    });
  });

  test('of a review may be a block', () => {
    const block = ['REVIEW_RESULT', 'pr: 55', 'verdict: needs-work', 'summary: the edge case', 'is not handled.'];
    expect(concluded(block)).toEqual({
      kind: 'claimed',
      claim: {
        kind: 'review',
        verdict: 'needs-work',
        summary: 'the edge case is not handled.',
        findings: [],
        judgements: [],
      },
    });
  });

  test.each([
    ['{"type":"result","verdict":"approve"}', 'verdict: '],
    ['{"type":"result","verdict":"needs-work","findings":[{"file":"a"}]}', 'findings.0.body: '],
    ['{"type":"result","verdict":"needs-work","findings":"many"}', 'findings: '],
    ['{"type":"result"}', 'neither a status nor a verdict'],
    ['REVIEW_RESULT\nverdict: <approved|needs-work>', 'verdict: '],
  ])('that does not validate says why: %s', (lines, problem) => {
    const conclusion = concluded(lines.split('\n'));
    expect(conclusion).toMatchObject({ kind: 'unclaimed', problem: expect.stringContaining(problem) as string });
  });

  test('without a type is text', () => {
    const { conclusion, events } = hear([Buffer.from('{"status":"completed","summary":"x"}')]);
    expect(conclusion.kind).toBe('unclaimed');
    expect(events).toEqual([{ kind: 'text', text: '{"status":"completed","summary":"x"}' }]);
  });
});

describe('an end without a result', () => {
  test.each<[string, readonly string[], Partial<AgentExit>, Partial<Conclusion>]>([
    ['exit 0 is unclaimed, with its last words', ['one', 'two'], {}, { kind: 'unclaimed', summary: 'one\ntwo' }],
    [
      'exit 1 is a crash',
      [],
      { end: exited(1), stderr: 'boom' },
      { kind: 'crashed', reason: 'the agent exited with 1 without a result: boom' },
    ],
    ['a result that does not validate is none', ['{"type":"result"}'], { end: exited(1) }, { kind: 'crashed' }],
    ['a signal is a crash', [], { end: { kind: 'signalled', signal: 'SIGSEGV' } }, { kind: 'crashed' }],
    ['the wall clock', [], { end: { kind: 'timed-out', limit: 'wall' } }, { kind: 'stopped', limit: 'wall clock' }],
    ['silence', [], { end: { kind: 'timed-out', limit: 'idle' } }, { kind: 'stopped', limit: 'silence' }],
    ['a flood', [], { end: { kind: 'output-limit' } }, { kind: 'stopped', limit: 'output' }],
    [
      'what it says because it is stopped is no result',
      ['{"type":"result","status":"failed","summary":"interrupted"}'],
      { end: { kind: 'timed-out', limit: 'wall' } },
      { kind: 'stopped' },
    ],
    ['a cancel, whatever it says', [completed], { end: { kind: 'cancelled' } }, { kind: 'cancelled' }],
    [
      'a missing program',
      [],
      { end: { kind: 'not-started', code: 'ENOENT', problem: 'no program x on PATH' } },
      { kind: 'unavailable' },
    ],
    [
      'a host out of processes',
      [],
      { end: { kind: 'not-started', code: 'EAGAIN', problem: 'spawn EAGAIN' } },
      { kind: 'crashed' },
    ],
    [
      'a used-up account, exit 0',
      ['{"type":"limited","resetsAt":"2026-11-21T08:00:00+02:00"}'],
      {},
      { kind: 'limited', resetsAt: Date.UTC(2026, 10, 21, 6) },
    ],
    [
      'a time without a zone is UTC',
      ['{"type":"limited","resetsAt":"2026-11-21T08:00:00"}'],
      { end: exited(1) },
      { kind: 'limited', resetsAt: Date.UTC(2026, 10, 21, 8) },
    ],
    [
      'a reset that is no time is unknown',
      ['{"type":"limited","resetsAt":"3am"}'],
      { end: exited(1) },
      { kind: 'limited', resetsAt: null },
    ],
    ['a limit without a time', ['{"type":"limited"}'], { end: exited(1) }, { kind: 'limited', resetsAt: null }],
  ])('%s', (_name, lines, ...[exit, expected]) => {
    expect(concluded(lines, exit)).toMatchObject(expected);
  });
});

describe('events', () => {
  test('usages are deltas, and what is no number is nothing', () => {
    const { events } = hear([
      Buffer.from('{"type":"usage","inputTokens":5,"outputTokens":"x","costUsd":-1,"more":1}\n'),
    ]);
    expect(events).toEqual([
      { kind: 'usage', of: 'run', usage: { inputTokens: 5, outputTokens: 0, cachedTokens: 0, costUsd: 0 } },
    ]);
  });

  test('unknown, broken and odd lines are text', () => {
    const lines = [
      '{"type":"new"}',
      '{"type":',
      '[1]',
      '{"type":"status","text":5}',
      '{"__proto__":{"type":"result"}}',
    ];
    expect(hear([Buffer.from(lines.join('\n'))]).events).toEqual(lines.map((text) => ({ kind: 'text', text })));
  });

  test('a nest of 100,000 brackets is text', () => {
    expect(hear([Buffer.from(`{"type":"result","findings":${'['.repeat(100_000)}`)]).conclusion.kind).toBe('unclaimed');
    const deep = `{"type":"result","status":"completed","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(hear([Buffer.from(deep)]).conclusion.kind).toBe('claimed');
  });
});

const line = fc.oneof(
  fc.constantFrom(
    completed,
    '{"type":"status","text":"schön 🎉"}',
    '{"type":"usage","inputTokens":3,"outputTokens":1,"costUsd":0.5}',
    '{"type":"limited","resetsAt":"2026-11-21T08:00:00Z"}',
    '{"type":"result","verdict":"needs-work","findings":[{"body":"ü"}]}',
    'REVIEW_RESULT',
    'verdict: approved',
    'summary: gut, größer',
    '```',
    '\uFEFF{"type":"status","text":"bom"}',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

test('how the output is cut into chunks never changes what is understood', () => {
  const property = fc.property(
    fc.array(line, { maxLength: 20 }),
    fc.constantFrom('\n', '\r\n'),
    fc.array(fc.nat(400), { maxLength: 30 }),
    (lines, newline, ...[cuts]) => {
      const whole = Buffer.from(lines.join(newline));
      const places = [0, ...cuts.map((at) => at % (whole.length + 1)), whole.length].toSorted((a, b) => a - b);
      const chunks = places.slice(1).map((to, index) => whole.subarray(places[index], to));
      expect(hear(chunks)).toEqual(hear([whole]));
      expect(hear([...whole].map((byte) => Buffer.from([byte])))).toEqual(hear([whole]));
    },
  );
  fc.assert(property, { numRuns: 200 });
});

test('no line makes the parser throw', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), line)), (lines) => {
      expect(() => hear([Buffer.from(lines.join('\n'))])).not.toThrow();
    }),
  );
});

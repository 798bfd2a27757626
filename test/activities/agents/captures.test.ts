import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentExit } from '../../../activities/agents/agent.ts';
import { agents } from '../../../activities/agents/index.ts';
import type { AgentKind } from '../../../workflows/domain/agent-facts.ts';
import {
  bytesOf,
  captures,
  ENDED_AT,
  hear,
  outcomeOf,
  outcomeWanted,
  usageOf,
  type Capture,
} from '../../support/agents/captures.ts';

const killed = { end: { kind: 'signalled', signal: 'SIGKILL' } } as const;

/** Where the positive terminal event of a whole run begins and ends; null: it has none. */
const terminal: Readonly<Record<string, RegExp>> = {
  claude: /^\{(?=.*"type":"result")(?=.*"is_error":false).*$/m,
  codex: /^\{"type":"turn\.completed".*$/m,
  pi: /^\{"type":"message_end","message":\{"role":"assistant".*"stopReason":"stop".*$/m,
  gemini: /^\{"type":"result".*"status":"success".*$/m,
};

/** Byte after the newline of the last terminal event; infinity: there is none. */
function terminalAt(capture: Capture, bytes: Buffer): number {
  const pattern = terminal[capture.agent];
  if (!pattern) return Number.POSITIVE_INFINITY; // opencode's process has to end by itself
  const text = bytes.toString('latin1');
  const found = Array.from(text.matchAll(new RegExp(pattern.source, 'gm'))).at(-1);
  return found ? found.index + found[0].length : Number.POSITIVE_INFINITY;
}

test('there is a capture of every agent but `command`', () => {
  expect(new Set(captures.map(({ agent }) => agent))).toEqual(
    new Set(Object.keys(agents).filter((each) => each !== 'command')),
  );
  expect(captures).toHaveLength(46);
});

describe.each(captures.map((capture) => [capture.file, capture] as const))('%s', (_file, capture) => {
  const bytes = bytesOf(capture);
  // The first overflow of a run that recovers looks like the one of a run that does not.
  const possible = ['interrupted', outcomeWanted(capture), ...(capture.agent === 'opencode' ? ['context_full'] : [])];

  test('comes to the conclusion of its table, with session, usage and cost', () => {
    const { events, conclusion } = hear(capture, [bytes]);
    expect(outcomeOf(conclusion)).toBe(outcomeWanted(capture));
    const { sessionId, usage, costUsd } = capture.expect;
    const sessions = events.flatMap((event) => (event.kind === 'session' ? [event.id] : []));
    if (sessionId) expect(sessions).toEqual([sessionId]);
    if (usage) {
      const told = usageOf(events) ?? { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd };
      expect(told).toMatchObject({
        inputTokens: usage.input,
        cachedTokens: usage.cacheRead,
        outputTokens: usage.output,
      });
      if (costUsd === null) expect(told.costUsd).toBeNull();
      else expect(told.costUsd).toBeCloseTo(costUsd, 8);
    }
  });

  test('is cancelled, whatever it printed, where we cancelled it', () => {
    expect(hear(capture, [bytes], { end: { kind: 'cancelled' } }).conclusion).toEqual({ kind: 'cancelled' });
  });

  test('cut after any line and killed, it is interrupted, or what its table says; completed with its last word only', () => {
    const end = terminalAt(capture, bytes);
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
      const outcome = outcomeOf(hear(capture, [bytes.subarray(0, at + 1)], killed).conclusion);
      expect(possible).toContain(outcome);
      if (outcome === 'completed') expect(at).toBeGreaterThanOrEqual(end);
    }
  });

  test('arriving in any pieces it says the same', () => {
    const whole = hear(capture, [bytes]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (places) => {
        const sorted = [0, ...places.sort((a, b) => a - b), bytes.length];
        const chunks = sorted.slice(1).map((to, index) => bytes.subarray(sorted[index], to));
        expect(hear(capture, chunks)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
    expect(
      hear(
        capture,
        Array.from(bytes, (byte) => Buffer.from([byte])),
      ),
    ).toEqual(whole);
  });

  test('cut at any byte and killed, it is the same', () => {
    const end = terminalAt(capture, bytes);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), (to) => {
        const outcome = outcomeOf(hear(capture, [bytes.subarray(0, to)], killed).conclusion);
        expect(possible).toContain(outcome);
        if (outcome === 'completed') expect(to).toBeGreaterThanOrEqual(end);
      }),
      { numRuns: 60 },
    );
  });

  test('lines that nobody knows change nothing', () => {
    const lines = bytes.toString('utf8').trimEnd().split('\n');
    const wanted = hear(capture, [bytes]);
    const noise = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('{"type":"unheard_of","x":[{}]}', '{"type":', '[]', 'null'),
    );
    fc.assert(
      fc.property(noise, fc.nat(), (line, at) => {
        if (/"type":"(?!unheard)/.test(line)) return;
        const mixed = lines.toSpliced(at % (lines.length + 1), 0, line.replaceAll(/[\r\n]/g, ' '));
        expect(hear(capture, [Buffer.from(`${mixed.join('\n')}\n`)])).toEqual(wanted);
      }),
      { numRuns: 20 },
    );
  });
});

test.each([
  ['codex/schema-ok.jsonl', /^the result does not validate: verdict/],
  ['codex/schema-bad.jsonl', /^the agent ended without a result$/],
  ['claude/schema-ok.jsonl', /^the result does not validate: verdict/],
  ['claude/schema-missing.jsonl', /^the agent ended without a result$/],
])('%s: an answer by somebody’s schema is read, and held to ours', (file, problem) => {
  const capture = captures.find((each) => each.file === file)!;
  const { conclusion } = hear(capture, [bytesOf(capture)]);
  expect(conclusion.kind === 'unclaimed' ? conclusion.problem : conclusion.kind).toMatch(problem);
});

test.each(captures.filter(({ expect: { outcome } }) => ['limited', 'auth', 'provider_error'].includes(outcome)))(
  'what $file says decides, whatever it exits with',
  (capture) => {
    fc.assert(
      fc.property(fc.nat(143), (code) => {
        const { conclusion } = hear(capture, [bytesOf(capture)], { end: { kind: 'exited', code } });
        expect(outcomeOf(conclusion)).toBe(outcomeWanted(capture));
      }),
    );
  },
);

describe('resets', () => {
  test.each([
    ['codex/usage-limit.jsonl', '2026-11-21T07:58:00Z'],
    ['claude/usage-limit.jsonl', '2026-11-21T17:00:00Z'],
    ['opencode/usage-limit.jsonl', '2026-11-21T08:03:20Z'],
    ['pi/rate-limit-429-retries.jsonl', new Date(ENDED_AT + 1200).toISOString()],
  ])('%s tells one', (file, at) => {
    const capture = captures.find((each) => each.file === file)!;
    const { conclusion } = hear(capture, [bytesOf(capture)]);
    expect(conclusion.kind === 'limited' ? conclusion.resetsAt : null).toBe(Date.parse(at));
  });

  test('a subscription’s own event is believed before its words', () => {
    const capture = captures.find((each) => each.file === 'claude/usage-limit.jsonl')!;
    const event = `{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1795250000,"rateLimitType":"five_hour"}}\n`;
    const { conclusion } = hear(capture, [Buffer.from(event), bytesOf(capture)]);
    expect(conclusion).toMatchObject({ kind: 'limited', resetsAt: 1_795_250_000_000 });
  });
});

describe('a run that left its words on standard error alone', () => {
  const cases: readonly (readonly [AgentKind, number, string, string])[] = [
    ['pi', 1, "No session found matching 'deadbeef-0000'", 'session_lost'],
    [
      'pi',
      0,
      'Session found in different project: /other\nFork this session into current directory? [y/N]',
      'session_lost',
    ],
    ['opencode', 1, '\u001b[91m\u001b[1mError: \u001b[0mSession not found', 'session_lost'],
    [
      'codex',
      1,
      'Error: thread/resume: thread/resume failed: no rollout found for thread id 01a1 (code -32600)',
      'session_lost',
    ],
    ['codex', 1, 'Error: thread/resume failed: thread 01a1 already has an active writer (code -32600)', 'interrupted'],
    ['claude', 1, 'Error: Session ID 6cf70c2d is already in use.', 'session_lost'],
    ['gemini', 42, 'Error resuming session: Invalid session identifier "abc".', 'session_lost'],
    ['gemini', 42, 'Error resuming session: No previous sessions found for this project.', 'session_lost'],
    ['gemini', 42, 'Error starting session: Session ID "abc" already exists. Use --resume', 'session_lost'],
    ['gemini', 55, 'Gemini CLI is not running in a trusted directory.', 'interrupted'],
    ['claude', 1, 'Invalid API key · Please run /login', 'auth'],
    ['gemini', 41, 'Please set an Auth method in your settings.json', 'auth'],
  ];
  test.each(cases)('%s, exit %i: %s', (agent, code, stderr, wanted) => {
    const exit: AgentExit = { end: { kind: 'exited', code }, stderr, resultFile: null, at: ENDED_AT };
    expect(outcomeOf(agents[agent].parser({ role: 'implement', resume: null }).end(exit))).toBe(wanted);
  });
});

describe('a run that one of our limits stopped', () => {
  test.each(Object.keys(agents) as AgentKind[])('%s', (agent) => {
    const exit: AgentExit = { end: { kind: 'timed-out', limit: 'idle' }, stderr: '', resultFile: null, at: ENDED_AT };
    const parser = agents[agent].parser({ role: 'implement', resume: null });
    expect(parser.end(exit)).toEqual({ kind: 'stopped', limit: 'silence' });
    expect(
      parser.end({ ...exit, end: { kind: 'not-started', code: 'ENOENT', problem: 'no program x on PATH' } }),
    ).toEqual({
      kind: 'unavailable',
      reason: 'the agent did not start: no program x on PATH',
    });
  });
});

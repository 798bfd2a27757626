import { z } from 'zod';
import { agentFacts } from '../../workflows/domain/agent-facts.ts';
import { isReading } from '../../workflows/domain/settings.ts';
import type {
  AgentAdapter,
  AgentEvent,
  AgentExit,
  AgentParser,
  Conclusion,
  Launch,
  LaunchSpec,
  ParsedRun,
} from './agent.ts';
import { conclusionOf } from './reading/answer.ts';
import { parseEvent, shortLine } from './reading/json-line.ts';
import { troubleAtExit, concludeTrouble } from './reading/trouble.ts';

/** Google's Gemini CLI: `@google/gemini-cli`. */
export const geminiAgent: AgentAdapter = {
  kind: 'gemini',
  capabilities: { session: 'preset', cost: false, schema: false, gracefulTerm: false },
  launch,
  parser,
};

/** Without `yolo` it has no shell at all; a policy of its user's takes away from that what a reviewer must not have. */
const readingPolicy = `[[rule]]
toolName = ["write_file", "replace"]
decision = "deny"
priority = 999
`;

function launch({ profile, role, session, prompt, files }: LaunchSpec): Launch {
  const { model, args } = profile;
  const reads = isReading(role);
  return {
    argv: [
      ...(profile.run.length > 0 ? profile.run : ['gemini']),
      '--skip-trust',
      '--approval-mode',
      'yolo',
      '-o',
      'stream-json',
      ...(model === null ? [] : ['-m', model]),
      ...(session.resume === null ? ['--session-id', session.id] : ['--resume', session.resume]),
      ...(reads ? ['--policy', files.policy] : []),
      ...args,
    ],
    env: agentFacts.gemini.quiet,
    stdin: prompt,
    ...(reads ? { policy: readingPolicy } : {}),
  };
}

const tokens = z.number().nonnegative().catch(0);

const resultSchema = z.object({
  type: z.literal('result'),
  status: z.string().catch('error'),
  error: z
    .object({ message: z.string().catch('') })
    .nullish()
    .catch(null),
  stats: z.object({ input: tokens, cached: tokens, output_tokens: tokens }).nullish().catch(null),
});

const eventSchema = z.discriminatedUnion('type', [
  resultSchema,
  z.object({ type: z.literal('init'), session_id: z.string() }),
  z.object({ type: z.literal('message'), role: z.string(), content: z.string().catch('') }),
  z.object({ type: z.literal('tool_use'), tool_name: z.string().catch('') }),
  z.object({ type: z.literal('tool_result') }),
]);

type Result = z.infer<typeof resultSchema>;

function parser(run: ParsedRun): AgentParser {
  let session: string | null = null;
  let result: Result | null = null;
  let said = '';
  const isOther = () => run.resume !== null && session !== null && session !== run.resume;

  const ended = (event: Result): readonly AgentEvent[] => {
    result = event;
    const { stats } = event;
    if (!stats) return [];
    const usage = {
      inputTokens: stats.input,
      outputTokens: stats.output_tokens,
      cachedTokens: stats.cached,
      costUsd: null,
    };
    return [{ kind: 'usage', of: 'run', usage }];
  };

  return {
    line(line) {
      const event = parseEvent(eventSchema, line);
      switch (event?.type) {
        case undefined:
          return [];
        case 'init':
          session = event.session_id;
          return [{ kind: 'session', id: session }, ...(isOther() ? [{ kind: 'hopeless' } as const] : [])];
        case 'message':
          if (event.role !== 'assistant') return [];
          said += event.content; // in pieces
          return [{ kind: 'text', text: shortLine(said) }];
        case 'tool_use':
          return [{ kind: 'turn' }, { kind: 'text', text: event.tool_name }];
        case 'tool_result':
          said = ''; // the answer is what comes after the last tool
          return [];
        case 'result':
          return ended(event);
      }
    },
    end(exit) {
      if (exit.end.kind === 'cancelled') return { kind: 'cancelled' };
      if (isOther()) return { kind: 'session-lost', reason: `it went on in session ${session}, not in ${run.resume}` };
      if (result === null) return withoutResult(exit, said);
      if (result.status === 'success') return conclusionOf({ text: said, resultFile: exit.resultFile });
      return concludeTrouble({ words: result.error?.message ?? '', status: statusOf(exit), at: exit.at });
    },
  };
}

/** Its exit code is the HTTP status, of which a process keeps the lowest eight bits: 429 is 173. */
function statusOf({ end }: AgentExit): number | null {
  return end.kind === 'exited' && end.code >= 144 && end.code <= 255 ? end.code + 256 : null;
}

function withoutResult(exit: AgentExit, said: string): Conclusion {
  const lost = /^.*(error resuming session|session id ".*" already exists).*$/im.exec(exit.stderr);
  if (lost) return { kind: 'session-lost', reason: lost[0].trim() };
  return troubleAtExit(exit, said, statusOf(exit));
}

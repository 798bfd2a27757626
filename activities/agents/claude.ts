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
  ReportedUsage,
} from './agent.ts';
import { conclusionOf } from './reading/answer.ts';
import { endedWithout } from './reading/ending.ts';
import { parseEvent, shortLine } from './reading/json-line.ts';
import { troubleAtExit, concludeTrouble } from './reading/trouble.ts';

/** Claude Code: `@anthropic-ai/claude-code`. */
export const claudeAgent: AgentAdapter = {
  kind: 'claude',
  capabilities: { session: 'preset', cost: true, schema: true, gracefulTerm: true },
  launch,
  parser,
};

const env: Launch['env'] = {
  ...agentFacts.claude.quiet,
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
};

function launch({ profile, role, session, prompt, schema, costUsd }: LaunchSpec): Launch {
  const { model, args, limits } = profile;
  const reads = isReading(role);
  return {
    argv: [
      ...(profile.run.length > 0 ? profile.run : ['claude']),
      '-p',
      '--output-format',
      'stream-json',
      '--verbose',
      // A worktree is not trusted: neither its settings with their hooks nor its MCP servers are read.
      '--setting-sources',
      'user',
      '--strict-mcp-config',
      // Without a person to ask, what is not allowed is denied: edits by the mode, programs by name.
      '--permission-mode',
      reads ? 'default' : 'acceptEdits',
      '--allowedTools=Bash',
      ...(reads ? ['--disallowedTools=Edit,Write,NotebookEdit'] : []),
      ...(model === null ? [] : ['--model', model]),
      ...(session.resume === null ? ['--session-id', session.id] : ['--resume', session.resume]),
      ...(limits.turns === null ? [] : ['--max-turns', String(limits.turns)]),
      ...(costUsd === null ? [] : ['--max-budget-usd', String(Math.max(costUsd, 0.01))]),
      ...(schema === null ? [] : ['--json-schema', schema]),
      ...args,
    ],
    env,
    stdin: prompt,
  };
}

const tokens = z.number().nonnegative().nullish().catch(0);
const usageSchema = z
  .object({
    input_tokens: tokens,
    cache_creation_input_tokens: tokens,
    cache_read_input_tokens: tokens,
    output_tokens: tokens,
  })
  .nullish()
  .catch(null);
const modelUsageSchema = z.object({
  inputTokens: tokens,
  outputTokens: tokens,
  cacheReadInputTokens: tokens,
  cacheCreationInputTokens: tokens,
  costUSD: tokens,
});
const text = z.string().nullish().catch(null);

const resultSchema = z.object({
  type: z.literal('result'),
  session_id: text,
  subtype: text,
  is_error: z.boolean().catch(true),
  terminal_reason: text,
  api_error_status: z.number().nullish().catch(null),
  result: text,
  errors: z.array(z.string()).nullish().catch(null),
  structured_output: z.unknown().optional(),
  usage: usageSchema,
  total_cost_usd: z.number().nullish().catch(null),
  model_usage_since_last_result: z.record(z.string(), modelUsageSchema).nullish().catch(null),
});

const eventSchema = z.discriminatedUnion('type', [
  resultSchema,
  z.object({ type: z.literal('system'), session_id: text }),
  z.object({ type: z.literal('user'), session_id: text }),
  z.object({
    type: z.literal('rate_limit_event'),
    session_id: text,
    rate_limit_info: z
      .object({ resetsAt: z.number().nullish().catch(null) })
      .nullish()
      .catch(null),
  }),
  z.object({
    type: z.literal('assistant'),
    session_id: text,
    message: z
      .object({
        id: text,
        usage: usageSchema,
        content: z.array(z.object({ type: z.string(), text, name: text })).catch([]),
      })
      .catch({ id: null, usage: null, content: [] }),
  }),
]);

type Result = z.infer<typeof resultSchema>;
type Assistant = Extract<z.infer<typeof eventSchema>, { type: 'assistant' }>;

function parser(run: ParsedRun): AgentParser {
  const messages = new Set<string>();
  let session: string | null = null;
  let result: Result | null = null;
  let resetsAt: number | null = null;
  let used: ReportedUsage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: null };
  let said = '';

  const identified = (id: string | null | undefined): readonly AgentEvent[] => {
    if (!id || id === session) return [];
    session = id;
    return [{ kind: 'session', id }, ...(isOther(run, id) ? [{ kind: 'hopeless' } as const] : [])];
  };

  const answered = ({ message }: Assistant): readonly AgentEvent[] => {
    const events: AgentEvent[] = [];
    // One message of the model comes as several events, one a block; its tokens count once.
    if (message.id && !messages.has(message.id)) {
      messages.add(message.id);
      used = added(used, usageOf(message.usage));
      events.push({ kind: 'turn' }, { kind: 'usage', of: 'run', usage: used });
    }
    for (const block of message.content) {
      const words = block.type === 'text' ? block.text : block.type === 'tool_use' ? block.name : null;
      if (block.type === 'text' && block.text) said = block.text;
      if (words) events.push({ kind: 'text', text: shortLine(words) });
    }
    return events;
  };

  return {
    line(line) {
      const event = parseEvent(eventSchema, line);
      if (event === null) return [];
      const session = identified(event.session_id);
      switch (event.type) {
        case 'assistant':
          return [...session, ...answered(event)];
        case 'result':
          result = event;
          return [...session, { kind: 'usage', of: 'run', usage: usageOfRun(event, run, used) }];
        case 'rate_limit_event':
          if (event.rate_limit_info?.resetsAt) resetsAt = event.rate_limit_info.resetsAt * 1000;
          return session;
        case 'system':
        case 'user':
          return session;
      }
    },
    end(exit) {
      if (exit.end.kind === 'cancelled') return { kind: 'cancelled' };
      if (session !== null && isOther(run, session)) {
        return { kind: 'session-lost', reason: `it went on in session ${session}, not in ${run.resume}` };
      }
      if (result === null) return withoutResult(exit, said);
      return conclude(result, exit, resetsAt);
    },
  };
}

function isOther(run: ParsedRun, session: string): boolean {
  return run.resume !== null && session !== run.resume;
}

function withoutResult(exit: AgentExit, said: string): Conclusion {
  const lost = /^.*(session id .* is already in use|no conversation found).*$/im.exec(exit.stderr);
  if (lost) return { kind: 'session-lost', reason: lost[0].trim() };
  return troubleAtExit(exit, said);
}

/** The subtype is no verdict: an error of the API is a `success` with `is_error`. */
function conclude(result: Result, exit: AgentExit, resetsAt: number | null): Conclusion {
  if (!result.is_error) {
    return conclusionOf({
      structured: result.structured_output,
      text: result.result ?? '',
      resultFile: exit.resultFile,
    });
  }
  const errors = result.errors ?? [];
  const lost = errors.find((error) => /no conversation found/i.test(error));
  if (lost) return { kind: 'session-lost', reason: lost };
  if (exit.end.kind === 'timed-out' || exit.end.kind === 'output-limit') return endedWithout(exit, '');
  if (result.subtype === 'error_max_turns') return { kind: 'exhausted', what: 'turns' };
  if (result.subtype === 'error_max_budget_usd') return { kind: 'stopped', limit: 'cost' };
  if (result.terminal_reason === 'prompt_too_long') return { kind: 'exhausted', what: 'context' };
  if (result.subtype === 'error_during_execution') return endedWithout(exit, errors.join('\n'));
  const words = result.result ?? errors.join('\n');
  return concludeTrouble({ words, status: result.api_error_status ?? null, at: exit.at, resetsAt });
}

/** What this run used: the newest field where there is one; the total cost is the session's, and counts in the first run only. */
function usageOfRun(result: Result, run: ParsedRun, inFlight: ReportedUsage): ReportedUsage {
  const models = Object.values(result.model_usage_since_last_result ?? {});
  if (result.model_usage_since_last_result) {
    return models.reduce<ReportedUsage>(
      (sum, model) =>
        added(sum, {
          inputTokens: (model.inputTokens ?? 0) + (model.cacheCreationInputTokens ?? 0),
          outputTokens: model.outputTokens ?? 0,
          cachedTokens: model.cacheReadInputTokens ?? 0,
          costUsd: model.costUSD ?? 0,
        }),
      { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 },
    );
  }
  const costUsd = run.resume === null ? (result.total_cost_usd ?? null) : null;
  return { ...(result.usage ? usageOf(result.usage) : inFlight), costUsd };
}

function usageOf(usage: z.infer<typeof usageSchema>): ReportedUsage {
  return {
    inputTokens: (usage?.input_tokens ?? 0) + (usage?.cache_creation_input_tokens ?? 0),
    outputTokens: usage?.output_tokens ?? 0,
    cachedTokens: usage?.cache_read_input_tokens ?? 0,
    costUsd: null,
  };
}

function added(a: ReportedUsage, b: ReportedUsage): ReportedUsage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
  };
}

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
import { parseEvent, shortLine } from './reading/json-line.ts';
import { troubleAtExit, concludeTrouble } from './reading/trouble.ts';

/** The pi coding agent: `@earendil-works/pi-coding-agent`. */
export const piAgent: AgentAdapter = {
  kind: 'pi',
  capabilities: { session: 'file', cost: true, schema: false, gracefulTerm: true },
  launch,
  parser,
};

function launch({ profile, role, session, prompt }: LaunchSpec): Launch {
  const { model, args } = profile;
  const reads = isReading(role);
  return {
    argv: [
      ...(profile.run.length > 0 ? profile.run : ['pi']),
      '--mode',
      'json',
      '-p',
      '--session',
      session.file,
      ...(model === null ? [] : ['--model', model]),
      // A reviewer has to run `git diff` and tests; its worktree is thrown away.
      ...(reads ? ['--tools', 'read,bash,grep,find,ls'] : []),
      // A worktree is not trusted: nothing of it that runs in the agent itself. Its AGENTS.md is only words.
      '--no-extensions',
      '--no-skills',
      '--no-prompt-templates',
      '--no-themes',
      ...args,
    ],
    env: agentFacts.pi.quiet,
    stdin: prompt,
  };
}

const tokens = z.number().nonnegative().catch(0);
const text = z.string().nullish().catch(null);

const messageSchema = z.object({
  role: z.literal('assistant'),
  content: z.array(z.object({ type: z.string(), text })).catch([]),
  stopReason: text,
  errorMessage: text,
  usage: z
    .object({
      input: tokens,
      output: tokens,
      cacheRead: tokens,
      cacheWrite: tokens,
      cost: z.object({ total: tokens }).catch({ total: 0 }),
    })
    .nullish()
    .catch(null),
});

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session'), id: z.string() }),
  z.object({ type: z.literal('message_end'), message: messageSchema }),
  z.object({
    type: z.literal('tool_execution_start'),
    toolName: z.string(),
    args: z.object({ command: text }).catch({ command: null }),
  }),
  z.object({ type: z.literal('compaction_start') }),
  z.object({ type: z.literal('compaction_end') }),
]);

type Message = z.infer<typeof messageSchema>;

function parser(run: ParsedRun): AgentParser {
  let session: string | null = null;
  let last: Message | null = null;
  let isCompacting = false;
  let used: ReportedUsage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };
  const isOther = () => run.resume !== null && session !== null && session !== run.resume;

  const answered = (message: Message): readonly AgentEvent[] => {
    last = message;
    isCompacting = false;
    used = added(used, message);
    const words = textOf(message);
    return [
      { kind: 'turn' },
      { kind: 'usage', of: 'run', usage: used },
      ...(words === '' ? [] : [{ kind: 'text', text: shortLine(words) } as const]),
    ];
  };

  return {
    line(line) {
      if (line.startsWith('{"type":"message_update"')) return []; // each repeats the whole message so far
      const event = parseEvent(eventSchema, line);
      switch (event?.type) {
        case undefined:
          return [];
        case 'session':
          session = event.id;
          return [{ kind: 'session', id: session }, ...(isOther() ? [{ kind: 'hopeless' } as const] : [])];
        case 'message_end':
          return answered(event.message);
        case 'tool_execution_start':
          return [{ kind: 'text', text: shortLine(event.args.command ?? event.toolName) }];
        case 'compaction_start':
        case 'compaction_end':
          isCompacting = event.type === 'compaction_start';
          return [];
      }
    },
    end(exit) {
      if (exit.end.kind === 'cancelled') return { kind: 'cancelled' };
      if (isOther())
        return { kind: 'session-lost', reason: `it began session ${session}, and not ${run.resume} again` };
      if (isCompacting) return { kind: 'exhausted', what: 'context' };
      return conclude(last, exit);
    },
  };
}

function conclude(last: Message | null, exit: AgentExit): Conclusion {
  const said = last === null ? '' : textOf(last);
  switch (last?.stopReason) {
    case 'stop':
      return conclusionOf({ text: said, resultFile: exit.resultFile });
    case 'length':
      return { kind: 'exhausted', what: 'context' };
    case 'error':
      return concludeTrouble({ words: last.errorMessage ?? '', status: null, at: exit.at });
    default:
      return withoutEnd(exit, said);
  }
}

function withoutEnd(exit: AgentExit, said: string): Conclusion {
  const lost = /^.*(no session found|session found in different project).*$/im.exec(exit.stderr);
  if (lost) return { kind: 'session-lost', reason: lost[0].trim() };
  return troubleAtExit(exit, said);
}

function textOf({ content }: Message): string {
  return content.flatMap((block) => (block.type === 'text' && block.text ? [block.text] : [])).join('\n');
}

function added(before: ReportedUsage, { usage }: Message): ReportedUsage {
  if (!usage) return before;
  return {
    inputTokens: before.inputTokens + usage.input + usage.cacheWrite,
    outputTokens: before.outputTokens + usage.output,
    cachedTokens: before.cachedTokens + usage.cacheRead,
    costUsd: (before.costUsd ?? 0) + usage.cost.total,
  };
}

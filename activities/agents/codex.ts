import { z } from 'zod';
import { isReading } from '../../workflows/domain/settings.ts';
import type { AgentAdapter, AgentExit, AgentParser, Conclusion, Launch, LaunchSpec, ParsedRun } from './agent.ts';
import { conclusionOf } from './reading/answer.ts';
import { parseEvent, shortLine } from './reading/json-line.ts';
import { troubleAtExit, concludeTrouble } from './reading/trouble.ts';

/** OpenAI's Codex CLI: `@openai/codex`. */
export const codexAgent: AgentAdapter = {
  kind: 'codex',
  capabilities: { session: 'caught', cost: false, schema: true, gracefulTerm: true },
  launch,
  parser,
};

function launch({ profile, role, session, prompt, files }: LaunchSpec): Launch {
  const { model, args } = profile;
  const sandbox = isReading(role) ? 'read-only' : 'workspace-write';
  const settings = [
    // `resume` knows no `-s`; both forms know the setting.
    '-c',
    `sandbox_mode="${sandbox}"`,
    // Nobody is there to be asked.
    '-c',
    'approval_policy="never"',
    '-c',
    'check_for_update_on_startup=false',
    '-c',
    'analytics.enabled=false',
    '-c',
    'feedback.enabled=false',
  ];
  return {
    argv: [
      ...(profile.run.length > 0 ? profile.run : ['codex']),
      'exec',
      ...(session.resume === null ? [] : ['resume']),
      '--json',
      ...settings,
      ...(model === null ? [] : ['-m', model]),
      ...(files.schema === null ? [] : ['--output-schema', files.schema]),
      ...args,
      ...(session.resume === null ? [] : [session.resume]),
      '-', // the prompt comes on standard input
    ],
    env: {},
    stdin: prompt,
  };
}

const tokens = z.number().nonnegative().nullish().catch(0);
const text = z.string().catch('');

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started'), thread_id: z.string() }),
  z.object({ type: z.literal('item.started'), item: z.object({ type: z.string(), command: text }) }),
  z.object({ type: z.literal('item.completed'), item: z.object({ type: z.string(), text }) }),
  z.object({
    type: z.literal('turn.completed'),
    usage: z.object({ input_tokens: tokens, cached_input_tokens: tokens, output_tokens: tokens }).nullish().catch(null),
  }),
  z.object({ type: z.literal('turn.failed'), error: z.object({ message: text }).catch({ message: '' }) }),
]);

/** How the turn ended, as far as it has told. */
type Turn =
  | { readonly kind: 'open' }
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly words: string };

function parser(run: ParsedRun): AgentParser {
  let session: string | null = null;
  let turn: Turn = { kind: 'open' };
  let said = '';
  const isOther = () => run.resume !== null && session !== null && session !== run.resume;

  return {
    line(line) {
      const event = parseEvent(eventSchema, line);
      switch (event?.type) {
        case undefined:
          return [];
        case 'thread.started':
          session = event.thread_id;
          return [{ kind: 'session', id: session }, ...(isOther() ? [{ kind: 'hopeless' } as const] : [])];
        case 'item.started':
          return [{ kind: 'text', text: shortLine(event.item.command || event.item.type) }];
        case 'item.completed':
          // An item of the type `error` is a warning; whatever else is completed was asked for by one answer.
          if (event.item.type === 'error' || event.item.type === 'reasoning') return [];
          if (event.item.type !== 'agent_message') return [{ kind: 'turn' }];
          said = event.item.text;
          return [{ kind: 'text', text: shortLine(said) }];
        case 'turn.completed': {
          turn = { kind: 'completed' };
          if (!event.usage) return [];
          const cachedTokens = event.usage.cached_input_tokens ?? 0;
          const inputTokens = Math.max(0, (event.usage.input_tokens ?? 0) - cachedTokens);
          const outputTokens = event.usage.output_tokens ?? 0;
          return [{ kind: 'usage', of: 'session', usage: { inputTokens, outputTokens, cachedTokens, costUsd: null } }];
        }
        case 'turn.failed':
          turn = { kind: 'failed', words: event.error.message };
          return [];
      }
    },
    end(exit) {
      if (exit.end.kind === 'cancelled') return { kind: 'cancelled' };
      if (isOther()) return { kind: 'session-lost', reason: `it went on in thread ${session}, not in ${run.resume}` };
      switch (turn.kind) {
        case 'completed':
          return conclusionOf({ text: said, resultFile: exit.resultFile });
        case 'failed':
          return concludeTrouble({ words: turn.words, status: null, at: exit.at });
        case 'open':
          return withoutTurn(exit, said);
      }
    },
  };
}

function withoutTurn(exit: AgentExit, said: string): Conclusion {
  const lost = /^.*(no rollout found|thread not found|conversation not found).*$/im.exec(exit.stderr);
  if (lost) return { kind: 'session-lost', reason: lost[0].trim() };
  return troubleAtExit(exit, said);
}

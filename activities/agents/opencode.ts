import { z } from 'zod';
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

/** opencode: `opencode-ai`. */
export const opencodeAgent: AgentAdapter = {
  kind: 'opencode',
  capabilities: { session: 'caught', cost: true, schema: false, gracefulTerm: false },
  launch,
  parser,
};

// Its default plugins stay on: they are the logins of some providers.
const env = {
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  OPENCODE_DISABLE_SHARE: '1',
} as const;

function launch({ profile, role, session, prompt }: LaunchSpec): Launch {
  const { model, args } = profile;
  return {
    argv: [
      ...(profile.run.length > 0 ? profile.run : ['opencode']),
      'run',
      '--format',
      'json',
      '--auto', // without `--auto` a question is a refusal
      ...(model === null ? [] : ['-m', model]),
      ...(session.resume === null ? [] : ['--session', session.resume]),
      ...args,
    ],
    // A reviewer is offered no tool that edits; its shell stays, for `git diff`.
    env: isReading(role) ? { ...env, OPENCODE_PERMISSION: '{"edit":"deny"}' } : env,
    stdin: prompt,
  };
}

const amount = z.number().nonnegative().catch(0);
const text = z.string().nullish().catch(null);
const sessionID = z.string();

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('step_start'), sessionID }),
  z.object({
    type: z.literal('text'),
    sessionID,
    part: z.object({ text: z.string().catch(''), synthetic: z.boolean().catch(false) }),
  }),
  z.object({
    type: z.literal('tool_use'),
    sessionID,
    part: z.object({
      tool: z.string().catch(''),
      state: z.object({ status: text, error: text }).catch({ status: null, error: null }),
    }),
  }),
  z.object({
    type: z.literal('step_finish'),
    sessionID,
    part: z.object({
      reason: text,
      cost: amount,
      tokens: z
        .object({
          input: amount,
          output: amount,
          reasoning: amount,
          cache: z.object({ read: amount, write: amount }).catch({ read: 0, write: 0 }),
        })
        .catch({ input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }),
    }),
  }),
  z.object({
    type: z.literal('error'),
    sessionID,
    error: z.object({
      name: z.string().catch(''),
      data: z
        .object({ message: text, statusCode: z.number().nullish().catch(null), responseBody: text })
        .catch({ message: null, statusCode: null, responseBody: null }),
    }),
  }),
]);

type Event = z.infer<typeof eventSchema>;
type Failed = Extract<Event, { type: 'error' }>['error'];

/** What the newest event says of how it stands. */
type State =
  | { readonly kind: 'working' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'rejected'; readonly words: string }
  | { readonly kind: 'failed'; readonly error: Failed };

function parser(run: ParsedRun): AgentParser {
  let session: string | null = null;
  let state: State = { kind: 'working' };
  let rejection: string | null = null;
  let overflows = 0;
  let said = '';
  let used: ReportedUsage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };
  const isOther = () => run.resume !== null && session !== null && session !== run.resume;

  const take = (event: Event): readonly AgentEvent[] => {
    switch (event.type) {
      case 'step_start':
        state = { kind: 'working' };
        return [];
      case 'text':
        // After a compaction it asks itself to go on: what came before was not the end.
        if (event.part.synthetic) state = { kind: 'working' };
        else said = event.part.text;
        return event.part.synthetic ? [] : [{ kind: 'text', text: shortLine(said) }];
      case 'tool_use':
        rejection = /rejected permission|permission to use/i.test(event.part.state.error ?? '')
          ? (event.part.state.error ?? '')
          : null;
        return [{ kind: 'text', text: event.part.tool }];
      case 'step_finish':
        used = added(used, event.part);
        if (event.part.reason === 'stop') state = { kind: 'finished' };
        else state = rejection === null ? { kind: 'working' } : { kind: 'rejected', words: rejection };
        return [{ kind: 'turn' }, { kind: 'usage', of: 'run', usage: used }];
      case 'error':
        state = { kind: 'failed', error: event.error };
        // The second one means that compacting did not help: it would go on for ever.
        return event.error.name === 'ContextOverflowError' && ++overflows > 1 ? [{ kind: 'hopeless' }] : [];
    }
  };

  return {
    line(line) {
      const event = parseEvent(eventSchema, line);
      if (event === null) return [];
      // The first is the run's own; an agent that it starts itself may speak under another id.
      if (session !== null) return take(event);
      session = event.sessionID;
      return [{ kind: 'session', id: session }, ...(isOther() ? [{ kind: 'hopeless' } as const] : []), ...take(event)];
    },
    end(exit) {
      if (exit.end.kind === 'cancelled') return { kind: 'cancelled' };
      if (isOther()) return { kind: 'session-lost', reason: `it went on in session ${session}, not in ${run.resume}` };
      if (overflows > 1) return { kind: 'exhausted', what: 'context' };
      return conclude(state, exit, said);
    },
  };
}

/** A compaction finishes like an answer does: only a process that ended by itself has come to its end. */
function conclude(state: State, exit: AgentExit, said: string): Conclusion {
  const endedItself = exit.end.kind === 'exited';
  switch (state.kind) {
    case 'finished':
      return endedItself ? conclusionOf({ text: said, resultFile: exit.resultFile }) : endedWithout(exit, said);
    case 'rejected':
      return endedItself ? { kind: 'refused', reason: state.words } : endedWithout(exit, said);
    case 'failed': {
      const { message, statusCode, responseBody } = state.error.data;
      const words = [message ?? state.error.name, responseBody ?? ''].join('\n');
      return concludeTrouble({ words, status: statusCode ?? null, at: exit.at });
    }
    case 'working':
      return withoutEnd(exit, said);
  }
}

function withoutEnd(exit: AgentExit, said: string): Conclusion {
  const lost = /session not found/i.exec(exit.stderr);
  if (lost) return { kind: 'session-lost', reason: lost[0] };
  return troubleAtExit(exit, said);
}

function added(before: ReportedUsage, step: Extract<Event, { type: 'step_finish' }>['part']): ReportedUsage {
  const { input, output, reasoning, cache } = step.tokens;
  return {
    inputTokens: before.inputTokens + input + cache.write,
    outputTokens: before.outputTokens + output + reasoning,
    cachedTokens: before.cachedTokens + cache.read,
    costUsd: (before.costUsd ?? 0) + step.cost,
  };
}

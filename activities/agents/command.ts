import { z } from 'zod';
import { parseClaim, parseClaimText, type ParsedClaim } from './reading/claim.ts';
import type {
  Claim,
  AgentAdapter,
  AgentEvent,
  AgentExit,
  AgentParser,
  Conclusion,
  Launch,
  LaunchSpec,
  ReportedUsage,
} from './agent.ts';
import type { ProcessEnd } from '../process/process.ts';
import { createResultBlocks } from './reading/result-block.ts';
import { crashReason, endedWithout } from './reading/ending.ts';
import { parseEvent } from './reading/json-line.ts';

/** Any program: how scripts, tests and agents without an adapter of their own take part. */
export const commandAgent: AgentAdapter = {
  kind: 'command',
  capabilities: { session: 'preset', cost: true, schema: false, gracefulTerm: true },
  launch,
  parser,
};

function launch(spec: LaunchSpec): Launch {
  return {
    argv: [...spec.profile.run, ...spec.profile.args],
    env: {
      MILLRACE_ROLE: spec.role,
      MILLRACE_ISSUE: spec.issue,
      MILLRACE_BATCH: spec.batch,
      MILLRACE_ROUND: String(spec.round),
      MILLRACE_ATTEMPT: String(spec.attempt),
      MILLRACE_SESSION: spec.session.id,
      MILLRACE_PROMPT_FILE: spec.files.prompt,
      MILLRACE_CONTEXT_FILE: spec.files.context,
      MILLRACE_RESULT_FILE: spec.files.result,
    },
    stdin: spec.prompt,
  };
}

const amount = z.number().nonnegative().catch(0);

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), text: z.string() }),
  z.object({
    type: z.literal('usage'),
    inputTokens: amount,
    outputTokens: amount,
    cachedTokens: amount,
    costUsd: amount,
  }),
  z.object({ type: z.literal('limited'), resetsAt: z.unknown().optional() }),
  z.looseObject({ type: z.literal('result') }),
]);

/** Lines of text that stand in for a summary where the program gives none. */
const SUMMARY_LINES = 5;

function parser(): AgentParser {
  const blocks = createResultBlocks();
  const said: string[] = [];
  let reported: ParsedClaim | null = null;
  let limited: { readonly resetsAt: number | null } | null = null;
  let used: ReportedUsage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };

  const say = (text: string): readonly AgentEvent[] => {
    if (text.trim() === '') return [];
    said.push(text.slice(0, 500));
    if (said.length > SUMMARY_LINES) said.shift();
    return [{ kind: 'text', text }];
  };

  return {
    line(line) {
      const event = parseEvent(eventSchema, line);
      if (event === null) {
        blocks.line(line);
        return say(line);
      }
      switch (event.type) {
        case 'status':
          return say(event.text);
        case 'usage':
          used = added(used, event);
          return [{ kind: 'usage', of: 'run', usage: used }];
        case 'limited':
          limited = { resetsAt: parseTime(event.resetsAt) };
          return [];
        case 'result':
          reported = parseClaim(event);
          limited = null; // it got through after all
          return [];
      }
    },
    end(exit) {
      const results = resultsOf(reported, exit, blocks.result());
      const good = results.find((result) => result.ok);
      if (good && counts(good.claim, exit.end)) return { kind: 'claimed', claim: good.claim };
      if (exit.end.kind === 'cancelled') return { kind: 'cancelled' };
      if (limited) return { kind: 'limited', of: 'usage', resetsAt: limited.resetsAt, reason: said.at(-1) ?? '' };
      const problem = results.find((result) => !result.ok)?.problem ?? null;
      return withoutClaim(exit, problem, said.join('\n'));
    },
  };
}

/** What a program says because we stop it is no end of its work; what it said before it hung is. */
function counts(claim: Claim, end: ProcessEnd): boolean {
  if (end.kind === 'cancelled') return false;
  return end.kind !== 'timed-out' || claim.kind === 'review' || claim.status !== 'failed';
}

/** In the order in which they count: what was reported, what was left in the file, what stands in the text. */
function resultsOf(reported: ParsedClaim | null, exit: AgentExit, block: unknown): readonly ParsedClaim[] {
  const results: ParsedClaim[] = [];
  if (reported) results.push(reported);
  if (exit.resultFile !== null && exit.resultFile.trim() !== '') results.push(parseClaimText(exit.resultFile));
  if (block !== null) results.push(parseClaim(block));
  return results;
}

function withoutClaim(exit: AgentExit, problem: string | null, summary: string): Conclusion {
  const { end } = exit;
  const words = problem ?? summary;
  if (end.kind !== 'exited') return endedWithout(exit, words);
  if (end.code === 0) return { kind: 'unclaimed', problem: problem ?? 'the agent ended without a result', summary };
  return { kind: 'crashed', cause: 'program', reason: crashReason(`exited with ${end.code}`, exit, words) };
}

/** The program tells what came since the last time. */
function added(before: ReportedUsage, since: ReportedUsage): ReportedUsage {
  return {
    inputTokens: before.inputTokens + since.inputTokens,
    outputTokens: before.outputTokens + since.outputTokens,
    cachedTokens: before.cachedTokens + since.cachedTokens,
    costUsd: (before.costUsd ?? 0) + (since.costUsd ?? 0),
  };
}

/** Epoch ms of an ISO 8601 time; null for anything else, since a wrong time is worse than none. */
function parseTime(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
  return Number.isNaN(at) ? null : at;
}

import type { SpentBudget } from '../../workflows/domain/batch/budget.ts';
import type { AgentKind } from '../../workflows/domain/agent-facts.ts';
import type { Finding, Judgement, Verdict } from '../../workflows/domain/review.ts';
import type { Profile, Role } from '../../workflows/domain/settings.ts';
import type { ProcessEnd } from '../process/process.ts';

/** The seam: which command, what does a line mean, how did it end. Pure; spawns nothing, reads nothing. */
export interface AgentAdapter {
  readonly kind: AgentKind;
  readonly capabilities: AgentCapabilities;
  launch(spec: LaunchSpec): Launch;
  /** One parser a run. */
  parser(run: ParsedRun): AgentParser;
}

/** Where the tools differ in what a run can rely on. */
export interface AgentCapabilities {
  /**
   * `preset`: takes the id that we chose; `file`: keeps its session in the file that we name, under an id of its own;
   * `caught`: chooses its own, which the first `session` event tells.
   */
  readonly session: 'preset' | 'file' | 'caught';
  /** Reports money; else the configuration's price table makes it from the tokens. */
  readonly cost: boolean;
  /** Takes a JSON schema for its last answer. It is validated by us all the same. */
  readonly schema: boolean;
  /** Saves its session on SIGTERM; else it is killed at once. */
  readonly gracefulTerm: boolean;
}

/** What a run is about; all paths are absolute. */
export interface LaunchSpec {
  readonly profile: Profile;
  readonly role: Role;
  /** The issue's id as the user wrote it. */
  readonly issue: string;
  readonly batch: string;
  readonly round: number;
  readonly attempt: number;
  readonly session: LaunchSession;
  readonly prompt: string;
  readonly files: {
    readonly prompt: string;
    readonly context: string;
    readonly result: string;
    /** Holds `schema`, for tools that want a file; null: there is none. */
    readonly schema: string | null;
    /** Where a launch's `policy` will stand. */
    readonly policy: string;
  };
  /** JSON schema of the answer, where the role has one and the tool takes one; null: none. */
  readonly schema: string | null;
  /** US dollars that this run may cost at most, for tools that can stop themselves; null: no limit. */
  readonly costUsd: number | null;
}

/** The session that a run begins or resumes. */
export interface LaunchSession {
  /** Ours; the same over all runs of a session. What a `preset` agent gets when it starts, and `MILLRACE_SESSION`. */
  readonly id: string;
  /** The agent's own id, to be resumed; null: it starts a session. A `preset` agent's differs from `id` after a loss. */
  readonly resume: string | null;
  /** Where a `file` agent keeps it. */
  readonly file: string;
}

/** What a parser has to know of the run whose lines it reads. */
export interface ParsedRun {
  readonly role: Role;
  /** The id that has to come back after a resume; null: a session begins. */
  readonly resume: string | null;
}

/** A command that starts an agent, and what it is given. */
export interface Launch {
  readonly argv: readonly string[];
  /** Added to the allow-list; names of ours or of the tool, never a secret. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** What the role may do, for a tool that reads that from a file: it is written to `files.policy`. */
  readonly policy?: string;
}

/** What a tool says it used; cachedTokens are read from its cache and are in none of the others. */
export interface ReportedUsage {
  /** Not cached; those written to the cache included. */
  readonly inputTokens: number;
  /** Reasoning included. */
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** US dollars; null: it does not tell. */
  readonly costUsd: number | null;
}

/** What a line of an agent's output means to us. */
export type AgentEvent =
  /** The session that the agent really uses, where it tells. */
  | { readonly kind: 'session'; readonly id: string }
  /** What a person wants to see while it runs. */
  | { readonly kind: 'text'; readonly text: string }
  /** One answer of the model: counts towards the turn limit. */
  | { readonly kind: 'turn' }
  /** What was used so far: the newest event replaces the ones before. `session`: by all runs of the session together. */
  | { readonly kind: 'usage'; readonly of: 'run' | 'session'; readonly usage: ReportedUsage }
  /** Nothing good can follow: end the run, then ask the parser how it ended. */
  | { readonly kind: 'hopeless' };

/** Reads what one run of an agent prints, and concludes how it ended. */
export interface AgentParser {
  /** Never throws, whatever the line is; one line of standard output. */
  line(line: string): readonly AgentEvent[];
  /** How the run ended: from the events first, from the exit second. */
  end(exit: AgentExit): Conclusion;
}

/** What a run leaves when its process has ended. */
export interface AgentExit {
  readonly end: ProcessEnd;
  readonly stderr: string;
  /** Text of the result file; null: it was not written. */
  readonly resultFile: string | null;
  /** When it ended, epoch ms: clock times and waits in its words count from here. */
  readonly at: number;
}

/** What an agent says about its run; a claim, never a fact. */
export type Claim =
  | { readonly kind: 'work'; readonly status: 'completed' | 'no-change' | 'failed'; readonly summary: string }
  | {
      readonly kind: 'review';
      readonly verdict: Verdict;
      readonly summary: string;
      /** Each with its fingerprint. */
      readonly findings: readonly Finding[];
      /** What it says of the findings of the round before. */
      readonly judgements: readonly Judgement[];
    };

/** How a run of an agent ended, whichever tool it was. */
export type Conclusion =
  /** By itself, with a claim. */
  | { readonly kind: 'claimed'; readonly claim: Claim }
  /** By itself, with nothing that can be read as a claim. */
  | { readonly kind: 'unclaimed'; readonly problem: string; readonly summary: string }
  /**
   * `rate`: too many requests, which passes; `usage`: the account's window is used up. Epoch ms; null: the tool did not
   * say. `reason`: its words.
   */
  | {
      readonly kind: 'limited';
      readonly of: 'rate' | 'usage';
      readonly resetsAt: number | null;
      readonly reason: string;
    }
  /** The context is full, or the tool's own turn limit was hit: the work can go on. */
  | { readonly kind: 'exhausted'; readonly what: 'context' | 'turns' }
  /** Not installed, not logged in, not paid: a person has to act. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** It asked for a permission that nobody gave: the profile has to change. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The session to resume does not exist any more, or the tool went on in another one. */
  | { readonly kind: 'session-lost'; readonly reason: string }
  /** Stopped by a limit: ours, or the tool's own on money. */
  | {
      readonly kind: 'stopped';
      readonly limit: 'wall clock' | 'silence' | 'output' | 'cost' | 'tokens' | 'turns';
      /** Which budget, where one of ours was spent. */
      readonly budget?: SpentBudget;
    }
  | { readonly kind: 'cancelled' }
  /** `interrupted`: it ended before its last word; `provider`: the model's side failed; `program`: it failed itself. */
  | { readonly kind: 'crashed'; readonly cause: 'interrupted' | 'provider' | 'program'; readonly reason: string };

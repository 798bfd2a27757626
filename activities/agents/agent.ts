import type { Usage } from '../../workflows/domain/attempt.ts';
import type { AgentKind, Profile, Role } from '../../workflows/domain/settings.ts';
import type { Claim } from '../claim.ts';
import type { ProcessEnd } from '../process.ts';

/** The seam: which command, what does a line mean, how did it end. Pure; spawns nothing, reads nothing. */
export interface AgentAdapter {
  readonly kind: AgentKind;
  readonly capabilities: AgentCapabilities;
  launch(spec: LaunchSpec): Launch;
  /** One parser a run. */
  parser(): AgentParser;
}

/** Where the tools differ in what a run can rely on. */
interface AgentCapabilities {
  /** Takes the session id that we chose; else the id comes with a `session` event. */
  readonly presetSession: boolean;
  /** Reports money; else its price is unknown and no cost limit can stop it. */
  readonly cost: boolean;
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
  readonly session: { readonly id: string; readonly resumed: boolean };
  readonly prompt: string;
  readonly files: { readonly prompt: string; readonly context: string; readonly result: string };
}

export interface Launch {
  readonly argv: readonly string[];
  /** Added to the allow-list; names of ours or of the tool, never a secret. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

export type AgentEvent =
  /** The session that the agent really uses, where it chooses its own. */
  | { readonly kind: 'session'; readonly id: string }
  /** What a person wants to see while it runs. */
  | { readonly kind: 'text'; readonly text: string }
  /** One answer of the model: counts towards the turn limit. */
  | { readonly kind: 'turn' }
  /** What was used since the last such event of this run. */
  | { readonly kind: 'usage'; readonly usage: Usage }
  /** Nothing good can follow: end the run, then ask the parser how it ended. */
  | { readonly kind: 'hopeless' };

export interface AgentParser {
  /** Never throws, whatever the line is; one line of standard output. */
  line(line: string): readonly AgentEvent[];
  /** How the run ended: from the events first, from the exit second. */
  end(exit: AgentExit): Conclusion;
}

export interface AgentExit {
  readonly end: ProcessEnd;
  readonly stderr: string;
  /** Text of the result file; null: it was not written. */
  readonly resultFile: string | null;
}

/** How a run of an agent ended, whichever tool it was. */
export type Conclusion =
  /** By itself, with a claim. */
  | { readonly kind: 'claimed'; readonly claim: Claim }
  /** By itself, with nothing that can be read as a claim. */
  | { readonly kind: 'unclaimed'; readonly problem: string; readonly summary: string }
  /** Epoch ms; null: the tool did not say. */
  | { readonly kind: 'limited'; readonly resetsAt: number | null }
  /** The context is full, or the tool's own turn limit was hit: the session can go on. */
  | { readonly kind: 'exhausted'; readonly what: string }
  /** Not installed, not logged in, not paid: a person has to act. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** The session to resume does not exist any more. */
  | { readonly kind: 'session-lost'; readonly reason: string }
  /** Stopped by one of our limits. */
  | { readonly kind: 'stopped'; readonly limit: 'wall clock' | 'silence' | 'output' | 'cost' | 'turns' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'crashed'; readonly reason: string };

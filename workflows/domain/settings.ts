import type { AgentKind } from './agent-facts.ts';
import { hasServer, type ForgeKind } from './forge-facts.ts';
import type { Priority } from './issue.ts';

/** Most issues that one batch works on at once: Temporal allows 2,000 pending children, hosts run far fewer. */
export const MAX_WIDTH = 500;

/** What a run of an agent is for; the `command` agent sees it as `MILLRACE_ROLE`. */
export type Role = 'implement' | 'fix' | 'review' | 'resolve' | 'triage';

/** All roles, for schemas and tables. */
export const roles: readonly Role[] = ['implement', 'fix', 'review', 'resolve', 'triage'];

/** Whether a role only looks: it works in a copy that is thrown away, and edits nothing. */
export function isReading(role: Role): boolean {
  return role === 'review' || role === 'triage';
}

/** What becomes of approved work. */
export type Landing = 'none' | 'auto-merge' | 'merge' | 'direct' | 'consolidated';

/** Every landing policy, for schemas and tables. */
export const landings: readonly Landing[] = ['none', 'auto-merge', 'merge', 'direct', 'consolidated'];

/** How a forge puts a pull request onto its base. */
export type MergeMethod = 'merge' | 'squash' | 'rebase';

/** Every merge method, for schemas and tables. */
export const mergeMethods: readonly MergeMethod[] = ['merge', 'squash', 'rebase'];

/** What a landing policy may do, and where. */
export interface LandingRules {
  readonly method: MergeMethod;
  /** Nothing is merged into any other branch. */
  readonly branches: readonly string[];
  readonly deleteBranch: boolean;
  /** Globs of paths: work that touches one of them waits for a person. */
  readonly protect: readonly string[];
}

/** How long a commit's CI is waited for, and how often the agent may mend it. */
export interface CiRules {
  readonly timeoutMs: number;
  readonly fixes: number;
}

/** Labels by which people steer issues of a forge, and labels that show how an issue stands; null: none is set. */
export interface IssueRules {
  /** An issue with one of them is left alone. */
  readonly exclude: readonly string[];
  readonly inProgress: string | null;
  readonly needsManualReview: string | null;
  /** Labels that mean a priority, compared without case. */
  readonly priorities: Readonly<Record<Priority, readonly string[]>>;
}

/** A repository on a forge that answers over HTTP. */
export interface ForgePlace {
  /** Address of the server as a browser has it, without a slash at its end: `https://github.com`. */
  readonly url: string;
  readonly owner: string;
  readonly name: string;
}

/** Whether approved work lands by itself: then its dependents start only on what has landed. */
export function lands(landing: Landing): boolean {
  switch (landing) {
    case 'none':
    case 'consolidated':
      return false;
    case 'auto-merge':
    case 'merge':
    case 'direct':
      return true;
  }
}

/** A program and its arguments as they stand, or one line for `sh -c`. */
export type Command = readonly string[] | string;

/** What one run of an agent may use up; milliseconds and US dollars. */
export interface Limits {
  /** Wall clock of one run. */
  readonly wallMs: number;
  /** Longest silence: no byte of output. */
  readonly idleMs: number;
  readonly turns: number | null;
  readonly costUsd: number | null;
  /** Input, output and cached ones together. */
  readonly tokens: number | null;
}

/** What may be spent on something; null: no limit. */
export interface Budget {
  readonly costUsd: number | null;
  /** Input, output and cached ones together. */
  readonly tokens: number | null;
}

/** Budgets above that of one attempt, which its profile's limits are. */
export interface Budgets {
  readonly issue: Budget;
  readonly batch: Budget;
  /** For all attempts that one host runs for a repository from noon to noon, in local time. */
  readonly night: Budget;
}

/** What a model costs, for tools that do not tell; US dollars for a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}

/** An agent, a model and its limits, under a name. */
export interface Profile {
  readonly name: string;
  readonly agent: AgentKind;
  readonly model: string | null;
  /** The program of a `command` agent; for another one a program to start instead of its name on PATH; empty: none. */
  readonly run: readonly string[];
  /** Extra arguments, appended as they stand. */
  readonly args: readonly string[];
  /** Names of environment variables that the agent may see in addition to the allow-list. */
  readonly env: readonly string[];
  readonly limits: Limits;
  /** The profile that takes over while this one's quota is used up. */
  readonly fallback: string | null;
}

/** A command whose exit status accepts or rejects the work. */
export interface Check {
  readonly name: string;
  readonly run: Command;
  readonly timeoutMs: number;
}

/** The resolved configuration of one repository: what `millrace.yaml`, flags and defaults come to. */
export interface Settings {
  readonly version: 1;
  readonly repository: {
    /** Safe name of the repository in ids and paths. */
    readonly key: string;
    /** Absolute path of the user's repository; read from, never written to except as a remote. */
    readonly path: string;
    /** Where branches and landings go: origin's URL, or `path` where there is no origin. */
    readonly remote: string;
    /** Branch where work starts and lands. */
    readonly base: string;
  };
  readonly forge: ForgeKind;
  /** Where the forge is; left out for `local`. */
  readonly place?: ForgePlace;
  /** Left out by earlier versions, and where no forge keeps issues. */
  readonly issues?: IssueRules;
  /** Left out by earlier versions. */
  readonly landingRules?: LandingRules;
  /** Left out by earlier versions, and where there is no CI to wait for. */
  readonly ci?: CiRules;
  readonly profiles: Readonly<Record<string, Profile>>;
  /** Names of profiles, first choice first; every role has at least one. */
  readonly roles: Readonly<Record<Role, readonly string[]>>;
  readonly checks: readonly Check[];
  readonly worktree: {
    /** Run in a new worktree, in order, before the agent; each at most 30 minutes. */
    readonly setup: readonly Command[];
    /** Untracked files of the user's repository that a worktree needs (`.env`); relative paths. */
    readonly copy: readonly string[];
  };
  readonly review: { readonly rounds: number };
  readonly landing: Landing;
  readonly batch: { readonly width: number };
  readonly budgets: Budgets;
  /** By the name of the model, as profiles write it. */
  readonly prices: Readonly<Record<string, Price>>;
  /** Prompts of the repository's own, by role; texts of templates. */
  readonly prompts: Readonly<Partial<Record<Role, string>>>;
  readonly sandbox: 'auto' | 'required' | 'off';
}

/** The part of the settings that workflows decide with; small, no commands, no paths. */
export interface Policy {
  readonly rounds: number;
  readonly checkFixes: number;
  readonly continuations: number;
  readonly landing: Landing;
  readonly hasChecks: boolean;
  readonly roles: Readonly<Record<Role, readonly string[]>>;
  /** The profile that takes over while the one of this name has no quota. Left out by earlier versions: none. */
  readonly fallbacks?: Readonly<Record<string, string>>;
  /** Left out by earlier versions, which knew `budgetUsd` alone. */
  readonly budgets?: Budgets;
  /** Left out: CI is not waited for. */
  readonly ci?: CiRules;
  /** The forge shows people that an issue is worked on, or waits. Left out: it has no place for that. */
  readonly announces?: boolean;
  /** The batch's money, as earlier versions wrote it. */
  readonly budgetUsd?: number | null;
}

const noBudget: Budget = { costUsd: null, tokens: null };

/** Nothing is limited: the budgets of a configuration that names none. */
export const noBudgets: Budgets = { issue: noBudget, batch: noBudget, night: noBudget };

/** The budgets of a policy, whichever version wrote it. */
export function budgetsOf({ budgets, budgetUsd }: Policy): Budgets {
  return budgets ?? { ...noBudgets, batch: { costUsd: budgetUsd ?? null, tokens: null } };
}

/** Check fixes in one issue: experience shows that a third try repeats the second. */
const CHECK_FIXES = 2;

/** How often one session goes on after its context or turn limit: big issues needed 3 to 5. */
const CONTINUATIONS = 5;

/** Cuts the settings down to what a workflow decides with. */
export function policyOf(settings: Settings): Policy {
  return {
    rounds: settings.review.rounds,
    checkFixes: CHECK_FIXES,
    continuations: CONTINUATIONS,
    landing: settings.landing,
    hasChecks: settings.checks.length > 0,
    roles: settings.roles,
    fallbacks: Object.fromEntries(
      Object.values(settings.profiles).flatMap(({ name, fallback }) => (fallback === null ? [] : [[name, fallback]])),
    ),
    budgets: settings.budgets,
    ...(settings.ci ? { ci: settings.ci } : {}),
    ...(hasServer(settings.forge) ? { announces: true } : {}),
  };
}

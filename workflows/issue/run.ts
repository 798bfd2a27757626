import { isCancellation, setHandler } from '@temporalio/workflow';
import type { HostActivities } from '../../activities/index.ts';
import type { AttemptEnd, Prepared, Usage } from '../domain/attempt.ts';
import type { ArtifactRef } from '../domain/artifact.ts';
import { tokensOf } from '../domain/batch/budget.ts';
import { createCast, type Cast } from '../domain/agent/profile-choice.ts';
import { quotaWait } from '../domain/agent/quota.ts';
import type { AnnounceInput } from '../domain/forge/delivery.ts';
import type { IssueInput } from '../domain/run.ts';
import { budgetsOf, type Budget, type Budgets, type Role } from '../domain/settings.ts';
import { isHostLost, knownFailure, NotTakenOver } from '../failures.ts';
import { budgetSignal, issueQuery, type Parked } from '../messages.ts';
import { createPerson, type Person } from './person.ts';
import { createProgress, initialState, statusOf, type IssueState, type Progress } from './progress.ts';
import { announceIssue, onHost, prepareIssue } from '../proxies.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSlot, type Slot } from './slot.ts';

/** Notes that an issue keeps, and characters of one: they are in the status and in the outcome. */
const MOST_NOTES = 10;
const LONGEST_NOTE = 300;

/** One run of one issue: its facts, and the few things that every step needs. */
export interface IssueRun {
  readonly input: IssueInput;
  readonly state: IssueState;
  readonly progress: Progress;
  readonly slot: Slot;
  readonly person: Person;
  /** Who plays which role. */
  readonly cast: Cast;
  /** The sessions that the work is done in: a fix resumes the implementer's where it is the same profile. */
  readonly sessions: Sessions;
  /** What may be spent, in all. */
  readonly budgets: Budgets;
  /** A person lets it go on: what the issue may spend is granted once more. */
  grantBudget(): void;
  /** Something went another way than planned: for the status and the outcome. */
  note(words: string): void;
  /** The next profile of a role's chain takes over, for that reason; false: there is none. */
  escalate(role: Role, reason: string): boolean;
  /** The last review, whose findings the next round judges. */
  lastReview: { readonly document: ArtifactRef; readonly head: string } | null;
  /** Output of the last checks, for the pull request. */
  checks: ArtifactRef | null;
  /** The implementer's words, for the pull request. */
  summary: string;
  /** The base's tip that contains the landed work. */
  landedAs: string | null;
  /** Who approved the work, for the outcome. */
  approval: string;
  /** A person took the work as it is. */
  accepted: boolean;
  /** When the head was pushed; epoch ms. */
  pushedAt: number;
  /** The head whose failed CI was started again. */
  rerunOf: string | null;
  /** Shows on the forge where the issue stands, where the forge has a place for it; failing costs a note, no more. */
  announce(standing: AnnounceInput['standing'], reason?: string): Promise<void>;
  /** Gives the slot back while something outside is waited for; the batch counts the issue as parked. */
  leaveSlot(): Promise<void>;
  /** A skipped issue is done already: dependents may start. */
  skippedSatisfies: boolean;
  /** A person's words for the next attempt that works (a reviewer does not get them). */
  say(message: string | null): void;
  takeMessage(role: Role): string | null;
  prepare(): Promise<Prepared>;
  /** A step on the issue's host; where that is lost, another host rebuilds the worktree first. */
  onHost<T>(step: (host: HostActivities) => Promise<T>): Promise<T>;
  /** Nothing starts on a profile until then, in the whole batch. */
  park(parked: Parked): Promise<void>;
  /**
   * Parks a profile whose quota is used up. Another one takes over where one can; else waits, without a slot, until the
   * quota is back or a person says go.
   */
  waitForQuota(role: Role, profile: string, limited: Extract<AttemptEnd, { kind: 'limited' }>): Promise<void>;
  /** A person knows better: all profiles may be used again, by the batch, too. */
  unpark(): Promise<void>;
}

/** Sets up an issue's run and all its message handlers, before the first await. */
export function createIssueRun(input: IssueInput): IssueRun {
  const state = initialState(input);
  const slot = createSlot(input);
  const person = createPerson(state);
  const progress = createProgress(input, state);
  // Whoever runs it again knows what has changed since.
  const cast = createCast(input.policy, input.rerun ? {} : input.parked);
  const { issue: ofIssue, ...budgets } = budgetsOf(input.policy);
  let granted = ofIssue;
  let { batch: ofBatch } = budgets;
  let message = input.rerun?.message ?? null;
  setHandler(issueQuery, () => statusOf(input, state));
  setHandler(budgetSignal, (budget) => void (ofBatch = budget));

  const run: IssueRun = {
    input,
    state,
    progress,
    slot,
    person,
    lastReview: null,
    checks: null,
    summary: '',
    landedAs: null,
    approval: 'approved by review',
    accepted: false,
    pushedAt: 0,
    rerunOf: null,
    skippedSatisfies: false,
    cast,
    sessions: createSessions(),
    get budgets() {
      return { ...budgets, issue: granted, batch: ofBatch };
    },
    grantBudget: () => void (granted = raised(ofIssue, state.usage)),
    note(words) {
      state.notes = [...state.notes, words.slice(0, LONGEST_NOTE)].slice(-MOST_NOTES);
    },
    escalate(role, reason) {
      const before = cast.play(role, Date.now());
      if (!cast.escalate(role)) return false;
      run.note(`${role}: ${cast.play(role, Date.now())} takes over from ${before}: ${reason}`);
      return true;
    },
    say(words) {
      message = message !== null && words !== null ? `${message}\n\n${words}` : (words ?? message);
    },
    takeMessage(role) {
      if (role === 'review') return null;
      const words = message;
      message = null;
      return words;
    },
    prepare() {
      const { branch, head } = state;
      return prepareIssue({
        version: 1,
        issue: input.issue,
        priority: input.priority,
        dependencies: input.dependencies,
        rerun: input.rerun !== null,
        resume: branch !== null && head !== null ? { branch, head } : null,
      });
    },
    async onHost(step) {
      for (;;) {
        try {
          return await step(onHost(state.host as string));
        } catch (error) {
          if (!isHostLost(error)) throw error;
          const prepared = await run.prepare();
          if (prepared.kind !== 'ready')
            throw new NotTakenOver(`host ${state.host} is lost, and no other one goes on: ${prepared.reason}`);
          state.host = prepared.host;
        }
      }
    },
    async announce(standing, reason) {
      if (!input.policy.announces) return;
      const { pullRequest } = state;
      try {
        await announceIssue({ version: 1, issue: input.issue, standing, reason: reason ?? null, pullRequest });
      } catch (error) {
        if (isCancellation(error)) throw error;
        run.note(`the forge was not told that it is ${standing}: ${knownFailure(error)?.message ?? 'no answer'}`);
      }
    },
    leaveSlot() {
      const spent = { costUsd: state.usage.costUsd, tokens: tokensOf(state.usage) };
      return slot.settle({ kind: 'parked', satisfies: false, sha: null, pullRequest: null, ...spent });
    },
    async park(parked) {
      cast.park(parked.profile, parked.until);
      await slot.park(parked);
    },
    async unpark() {
      for (const profile of cast.unparkAll(Date.now())) await slot.unpark(profile);
    },
    async waitForQuota(role, profile, { resetsAt, reason }) {
      const nth = cast.limited(profile);
      const wait = quotaWait({ resetsAt, nth, now: Date.now(), random: Math.random() });
      const until = Date.now() + wait;
      const stage = state.stage;
      cast.park(profile, until);
      const standIn = cast.play(role, Date.now());
      const isPlayed = standIn !== profile && cast.playableAt(role) <= Date.now();
      if (isPlayed) {
        const when = new Date(until).toISOString();
        run.note(`${role}: ${standIn} takes over from ${profile}, whose quota is used up until ${when}`);
      } else progress.park(quotaReason(profile, until, reason));
      await slot.park({ profile, until });
      if (isPlayed) return;
      await run.leaveSlot();
      const decision = await person.decides(Math.max(0, cast.playableAt(role) - Date.now()));
      if (decision.kind === 'resume') {
        run.say(decision.message);
        await run.unpark();
      }
      progress.enter('waiting (slot)');
      await slot.take();
      progress.enter(stage);
    },
  };
  return run;
}

function quotaReason(profile: string, until: number, words: string | undefined): string {
  const reason = `quota of profile ${profile} is used up until ${new Date(until).toISOString()}`;
  return words ? `${reason}: ${words}` : reason;
}

/** The same amount again, on top of what is used. */
function raised({ costUsd, tokens }: Budget, used: Usage): Budget {
  return {
    costUsd: costUsd === null ? null : costUsd + used.costUsd,
    tokens: tokens === null ? null : tokens + tokensOf(used),
  };
}

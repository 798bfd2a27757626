import { setHandler } from '@temporalio/workflow';
import type { HostActivities } from '../activities/index.ts';
import { newSession, type Session } from './attempt.ts';
import type { Prepared } from './domain/attempt.ts';
import type { ArtifactRef } from './domain/artifact.ts';
import { quotaWait } from './domain/quota.ts';
import type { IssueInput } from './domain/run.ts';
import type { Role } from './domain/settings.ts';
import { isHostLost } from './failures.ts';
import { issueQuery } from './messages.ts';
import { createPerson, type Person } from './person.ts';
import { createProgress, initialState, statusOf, type IssueState, type Progress } from './progress.ts';
import { onHost, prepareIssue } from './proxies.ts';
import { createSlot, type Slot } from './slot.ts';

/** One run of one issue: its facts, and the few things that every step needs. */
export interface IssueRun {
  readonly input: IssueInput;
  readonly state: IssueState;
  readonly progress: Progress;
  readonly slot: Slot;
  readonly person: Person;
  /** The session that the work is done in, by profile: a fix resumes the implementer's where it is the same profile. */
  session(role: Role): Session;
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
  /** A skipped issue is done already: dependents may start. */
  skippedSatisfies: boolean;
  /** A person's words for the next attempt that works (a reviewer does not get them). */
  say(message: string | null): void;
  takeMessage(role: Role): string | null;
  prepare(): Promise<Prepared>;
  /** A step on the issue's host; where that is lost, another host rebuilds the worktree first. */
  onHost<T>(step: (host: HostActivities) => Promise<T>): Promise<T>;
  /** Parks the profile and waits, without a slot, until its quota is back or a person says go; `nth`: in a row, from 1. */
  waitForQuota(profile: string, resetsAt: number | null, nth: number): Promise<void>;
}

/** Sets up an issue's run and all its message handlers, before the first await. */
export function createIssueRun(input: IssueInput): IssueRun {
  const state = initialState(input);
  const slot = createSlot(input);
  const person = createPerson(state);
  const progress = createProgress(input, state);
  const sessions = new Map<string, Session>();
  let message = input.rerun?.message ?? null;
  setHandler(issueQuery, () => statusOf(input, state));

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
    skippedSatisfies: false,
    session(role) {
      const profile = input.policy.roles[role][0] as string;
      const session = sessions.get(profile) ?? newSession();
      sessions.set(profile, session);
      return session;
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
          if (prepared.kind !== 'ready') throw error;
          state.host = prepared.host;
        }
      }
    },
    async waitForQuota(profile, resetsAt, nth) {
      const wait = quotaWait({ resetsAt, nth, now: Date.now(), random: Math.random() });
      const until = Date.now() + wait;
      const stage = state.stage;
      progress.park(`quota of profile ${profile} is used up until ${new Date(until).toISOString()}`);
      await slot.park(profile, until);
      await slot.settle({
        kind: 'parked',
        satisfies: false,
        sha: null,
        pullRequest: null,
        costUsd: state.usage.costUsd,
      });
      const decision = await person.decides(wait);
      if (decision.kind === 'resume') {
        run.say(decision.message);
        await slot.unpark(profile);
      }
      progress.enter('waiting (slot)');
      await slot.take();
      progress.enter(stage);
    },
  };
  return run;
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, expect } from 'vitest';
import { createAgentActivities } from '../../../activities/agent.ts';
import { endFamily } from '../../../activities/process/end.ts';
import { listProcesses, processesBelow } from '../../../activities/process/table.ts';
import { createSlots } from '../../../activities/host/slots.ts';
import type { AttemptHeartbeat, AttemptInput, AttemptResult } from '../../../workflows/domain/attempt.ts';
import { fixture } from '../processes.ts';
import { createGround, type Ground, type GroundOptions } from './attempt-ground.ts';

const grounds: Ground[] = [];
/** A logger for activities that are expected to fail. */
export const quiet = new DefaultLogger('ERROR');
/** A log that nobody reads. */
export const log = { info: () => {}, warn: () => {} };
afterEach(async () => {
  const left: unknown[] = [];
  for (const ground of grounds.splice(0)) {
    left.push(...processesBelow(ground.root, listProcesses()));
    await endFamily({ leader: null, folder: ground.root, graceMs: 0 });
    await ground.remove();
  }
  expect(left).toEqual([]);
});

/** A ground that is removed after the test, which fails if a process is left in it. */
export async function groundWith(options: GroundOptions = {}): Promise<Ground> {
  const ground = await createGround(options);
  grounds.push(ground);
  return ground;
}

/** The same, with one of the fixture programs as its agent. */
export function groundFor(name: string, args: readonly string[], options: GroundOptions = {}): Promise<Ground> {
  return groundWith({ run: fixture(name, ...args), ...options });
}

/** Ground whose agent is works.mjs; it writes down what it was told. */
export async function works(manner: string, options: GroundOptions = {}) {
  const notes = join(await notesFolder(), `${manner}-${Math.random().toString(36).slice(2)}`);
  return { ground: await groundFor('works', [notes, manner], options), notes };
}

/** A folder for what a program writes outside its worktree. */
export async function notesFolder(): Promise<string> {
  return (await groundWith()).root;
}

export interface Note {
  readonly pid: number;
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly context: Record<string, unknown>;
  readonly stdin: string;
}

/** What the runs of works.mjs were told, in order. */
export function notesOf(path: string): readonly Note[] {
  const whole = existsSync(path) ? readFileSync(path, 'utf8').replace(/[^\n]*$/, '') : '';
  return whole.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Note]));
}

/** Starts an attempt as an activity. */
export function start(ground: Ground, input: AttemptInput, info: { heartbeatDetails?: unknown } = {}) {
  const environment = new MockActivityEnvironment(info, { logger: quiet });
  const beats: AttemptHeartbeat[] = [];
  environment.on('heartbeat', (details: AttemptHeartbeat) => beats.push(details));
  const { repositories } = ground;
  const slots = createSlots(2);
  const { runAgent } = createAgentActivities({ repositories, slots, host: 'here', log });
  return { environment, beats, done: environment.run<[AttemptInput], AttemptResult, typeof runAgent>(runAgent, input) };
}

/** Runs an attempt to its result. */
export const run = (ground: Ground, input = ground.input()): Promise<AttemptResult> => start(ground, input).done;

/** The failure that an activity throws. */
export async function failureOf(done: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await done.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  return error as ApplicationFailure;
}

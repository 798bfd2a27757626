import { readProcess } from '../../activities/process/table.ts';
import type { Kill } from './batch.ts';
import type { LogEntry } from './log.ts';

/** What the programs and the hand that killed told. */
export interface Story {
  readonly entries: readonly LogEntry[];
  readonly kills: readonly Kill[];
  readonly width: number;
}

/** Sentences: what a program saw or suffered that it must not. An empty list is a pass. */
export function contradictionsIn(story: Story): readonly string[] {
  return [...overlaps(story), ...problems(story), ...sessions(story), ...repetitions(story), ...survivors(story)];
}

/** What starts within this time of a kill is the old worker's still; milliseconds. */
const SAME_MOMENT_MS = 300;

/** Seconds from each kill of a worker to the next start of an agent, a set-up or a check. */
export function recoveries({ entries, kills }: Pick<Story, 'entries' | 'kills'>): readonly number[] {
  return kills.flatMap(({ at, victims }) => {
    if (!victims.includes('worker')) return [];
    const next = entries.find((entry) => entry.what === 'start' && entry.at > at + SAME_MOMENT_MS);
    return next ? [(next.at - at) / 1_000] : [];
  });
}

/** Commits that agents told of, by issue. */
export function commitsIn(entries: readonly LogEntry[]): ReadonlyMap<string, readonly string[]> {
  const commits = new Map<string, string[]>();
  for (const entry of entries)
    if (entry.what === 'commit') commits.set(entry.issue, [...(commits.get(entry.issue) ?? []), entry.sha]);
  return commits;
}

/** Never two programs of one issue, the left children of the killed ones included; never more agents than the width. */
function overlaps({ entries, width }: Story): readonly string[] {
  return entries.flatMap((entry) => {
    if (entry.what !== 'seen') return [];
    const who = `${entry.role ?? entry.kind} of ${entry.issue} (${entry.pid})`;
    const beside = entry.beside.map((other) => `${other.kind} ${other.pid}`).join(', ');
    return [
      ...(beside === '' ? [] : [`${who} started beside ${beside}`]),
      ...(entry.agents > width ? [`${who} was agent number ${entry.agents} at once, width ${width}`] : []),
    ];
  });
}

function problems({ entries }: Story): readonly string[] {
  return entries.flatMap((entry) => (entry.what === 'problem' ? [`${entry.issue}: ${entry.problem}`] : []));
}

/** Within an attempt the session never changes; whoever got a session that was at work before is told so. */
function sessions({ entries, kills }: Story): readonly string[] {
  const bad: string[] = [];
  const known = new Map<string, string>();
  const begun = new Set<string>();
  for (const entry of entries) {
    if (entry.what !== 'start' || entry.kind !== 'agent' || entry.session === null) continue;
    const attempt = `${entry.issue}/${entry.attempt}`;
    const first = known.get(attempt) ?? entry.session;
    known.set(attempt, first);
    if (entry.session !== first) bad.push(`${attempt} got session ${entry.session} after ${first}`);
    if (begun.has(entry.session) && !entry.resumed) bad.push(`${attempt} was started anew in session ${entry.session}`);
    // A program that was killed before it could tell of itself is no contradiction.
    const silently = kills.some(({ at }) => at < entry.at);
    if (!begun.has(entry.session) && entry.resumed && !silently)
      bad.push(`${attempt} was told to resume session ${entry.session}, which never was`);
    begun.add(entry.session);
  }
  return bad;
}

/** An agent whose end was on disk when the worker died is not started again for the same attempt. */
function repetitions({ entries, kills }: Story): readonly string[] {
  return kills.flatMap(({ at, why, concluded }) =>
    entries.flatMap((entry) => {
      if (entry.what !== 'start' || entry.kind !== 'agent' || entry.at <= at) return [];
      const attempt = `${entry.issue}/${entry.attempt}`;
      return concluded.includes(attempt)
        ? [`${attempt} had ended and was started again after the kill at: ${why}`]
        : [];
    }),
  );
}

/** Programs, and the children that left their session, that still live. */
function survivors({ entries }: Story): readonly string[] {
  const lives = (pid: number, started: string) => String(readProcess(pid)?.started) === started;
  return entries.flatMap((entry) => {
    if (entry.what === 'start' && lives(entry.pid, entry.started)) return [`${entry.kind} ${entry.pid} still lives`];
    if (entry.what !== 'child' || !lives(entry.child, entry.childStarted)) return [];
    return [`child ${entry.child} of ${entry.issue} still lives`];
  });
}

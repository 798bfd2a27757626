import { readdirSync, readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { cacheRoot } from '../../client/state/folders.ts';
import { workflowBundle, type WorkflowBundle } from '../../worker/bundle.ts';
import { outcomeKinds } from '../../workflows/domain/outcome.ts';

const folder = fileURLToPath(new URL('../histories/', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

interface Recorded {
  readonly name: string;
  readonly text: string;
  readonly events: readonly Record<string, unknown>[];
}

const recorded: readonly Recorded[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => {
    const text = readFileSync(`${folder}${name}`, 'utf8');
    return {
      name: name.slice(0, -'.json'.length),
      text,
      events: (JSON.parse(text) as Pick<Recorded, 'events'>).events,
    };
  });

/**
 * Recorded by `npm run record-histories` from the tests of this folder; it adds and never replaces. One that does not
 * replay means that a batch which runs now would break: use `patched()`.
 */
describe('recorded histories', () => {
  let bundle: WorkflowBundle;
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    bundle = await workflowBundle(cacheRoot(process.env));
  });

  test('replay, every one of them, without a server', async () => {
    const histories = recorded.map(({ name, text }) => ({
      workflowId: name,
      history: historyFromJSON(JSON.parse(text)),
    }));
    const failed: string[] = [];
    let replayed = 0;
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: bundle }, histories)) {
      replayed++;
      if (error) failed.push(`${workflowId}: ${error.message}`);
    }
    expect(failed).toEqual([]);
    expect(replayed).toBe(recorded.length);
    expect(replayed).toBeGreaterThanOrEqual(30);
  });

  test('are not vacuous: one in which another step was taken does not replay', async () => {
    const { text } = recorded.find((each) => each.name === 'approved')!;
    const history = historyFromJSON(JSON.parse(text.replaceAll('"runChecks"', '"publishWork"')));
    const results = [];
    for await (const each of Worker.runReplayHistories({ workflowBundle: bundle }, [{ workflowId: 'x', history }]))
      results.push(each);
    expect(results[0]?.error?.message).toMatch(/nondeterminism/i);
  });

  // `needs-manual-review` as an end takes a fortnight of silence; as a wait it is below.
  test.each(outcomeKinds.filter((kind) => kind !== 'needs-manual-review'))('hold an issue that ended as %s', (kind) => {
    expect(recorded.filter((each) => outcomeOf(each) === kind).map((each) => each.name)).not.toEqual([]);
  });

  test.each(patchIds())('hold a run that took the way of the patch %s', (id) => {
    expect(recorded.filter((each) => patchesOf(each).includes(id)).length, id).toBeGreaterThan(0);
  });

  test('have one test each that makes them', () => {
    const kept = sourcesBelow('test/workflows').flatMap((source) =>
      Array.from(source.matchAll(/\.keep\('([^']+)'/g), ([, name]) => name),
    );
    expect(kept.length).toBeGreaterThanOrEqual(30);
    expect(kept.filter((name, index) => kept.indexOf(name) !== index)).toEqual([]);
  });

  test.each(['waiting (human)', 'waiting (quota)', 'waiting (slot)'])('hold an issue that is %s', (stage) => {
    expect(recorded.filter((each) => lastStage(each) === stage).map((each) => each.name)).not.toEqual([]);
  });

  test.each(recorded.map((each) => [each.name, each] as const))('%s is small', (_name, { events, text }) => {
    expect(events.length).toBeLessThan(500);
    expect(text.length).toBeLessThan(1024 * 1024);
    for (const size of payloadSizes(events)) expect(size).toBeLessThanOrEqual(128 * 1024);
  });

  test('name nobody’s machine', () => {
    for (const { name, text } of recorded) {
      for (const private_ of [root, homedir(), hostname()]) expect(text.includes(`"${private_}`), name).toBe(false);
      expect(text, name).not.toMatch(/\bat \S+ \(\//); // a frame of a stack
    }
  });
});

function outcomeOf({ events }: Recorded): string | undefined {
  const result = (
    events.at(-1)?.['workflowExecutionCompletedEventAttributes'] as { readonly result?: Payloads } | undefined
  )?.result;
  const outcome = result?.payloads?.map(decoded)[0] as { readonly kind?: string } | undefined;
  return outcome?.kind;
}

/** The stage that an open history shows last. */
function lastStage({ events }: Recorded): string | undefined {
  if (events.at(-1)?.['workflowExecutionCompletedEventAttributes']) return undefined;
  const stages = events.flatMap((event) => {
    const fields = (event['upsertWorkflowSearchAttributesEventAttributes'] as Upsert | undefined)?.searchAttributes
      ?.indexedFields;
    return fields?.['MillraceStage'] ? [decoded(fields['MillraceStage']) as string] : [];
  });
  return stages.at(-1);
}

/** Every id that a workflow passes to `patched()`. */
function patchIds(): readonly string[] {
  const calls = sourcesBelow('workflows').flatMap((source) => [...source.matchAll(/\bpatched\(([^)]*)\)/g)]);
  return [...new Set(calls.map(([call, id = '']) => /^'([a-z-]+)'$/.exec(id)?.[1] ?? `${call}: no literal id`))];
}

function sourcesBelow(folder: string): readonly string[] {
  const files = readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => readFileSync(`${root}${folder}/${file}`, 'utf8'));
}

/** The ids that the markers of a history hold. */
function patchesOf({ events }: Recorded): readonly string[] {
  return events.flatMap((event) => {
    const marker = event['markerRecordedEventAttributes'] as Marker | undefined;
    const data = marker?.markerName === 'core_patch' ? marker.details?.['patch-data']?.payloads : undefined;
    return (data ?? []).map((payload) => (decoded(payload) as { readonly id: string }).id);
  });
}

interface Marker {
  readonly markerName?: string;
  readonly details?: Readonly<Record<string, Payloads>>;
}
interface Payload {
  readonly data?: string;
}
interface Payloads {
  readonly payloads?: readonly Payload[];
}
interface Upsert {
  readonly searchAttributes?: { readonly indexedFields?: Readonly<Record<string, Payload>> };
}

function decoded({ data }: Payload): unknown {
  return data === undefined ? undefined : (JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as unknown);
}

/** Bytes of every payload, wherever it lies in an event. */
function payloadSizes(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'data' in value && typeof value.data === 'string' ? [Buffer.from(value.data, 'base64').length] : [];
  return [...own, ...Object.values(value).flatMap(payloadSizes)];
}

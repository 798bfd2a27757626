import type { ArtifactRef } from '../workflows/domain/artifact.ts';
import type { ChecksDocument } from '../workflows/domain/attempt.ts';
import type { CiCheck, CiReading, CiState } from '../workflows/domain/forge/ci.ts';
import type { CiInput } from '../workflows/domain/forge/delivery.ts';
import type { Lookup } from './delivery/lookup.ts';
import { stillOurs } from './heartbeat.ts';
import type { Forge } from './forges/forge.ts';
import { oneLine } from './delivery/harmless.ts';
import { scrub } from './text/scrub.ts';

/** Most logs that an agent gets: after the first red checks the others repeat the same. */
const MOST_LOGS = 5;

/** Bytes at the end of each log: as much as a prompt shows of a check. */
const LOG_BYTES = 16_384;

/** Most checks that a history carries. */
const MOST_CHECKS = 100;

/** Activities about the CI that the forge runs. */
export function createCiActivities(lookup: Lookup) {
  const readCi = async (input: CiInput): Promise<CiReading> => {
    const { repository, forge } = await lookup.repository(input.issue);
    const [ci, pull] = await Promise.all([
      forge.ci(input.head, input.base),
      input.pullRequest === null ? null : forge.pull(input.pullRequest),
    ]);
    // GitHub ties a scheduled merge to the head of that moment only: nobody has reviewed what was pushed since.
    if (pull?.state === 'open' && pull.head !== input.head && repository.settings.landing === 'auto-merge') {
      stillOurs();
      await forge.cancelMerge(pull.number);
    }
    return {
      ci: shortened(ci),
      pull: pull && { state: pull.state, head: pull.head, mergeSha: pull.mergeSha },
    };
  };

  return {
    readCi,

    /** False: nothing failed, or this forge cannot run checks again. */
    rerunCi: async (input: CiInput): Promise<boolean> => {
      const { forge } = await lookup.repository(input.issue);
      const failed = await failedChecks(forge, input);
      stillOurs();
      return failed.length > 0 && forge.rerun(failed);
    },

    /** Stores what CI found wrong, as a document of failed checks. */
    gatherCiFailure: async (input: CiInput): Promise<ArtifactRef> => {
      const { repository, forge } = await lookup.repository(input.issue);
      const [failed, { ciLog: hasLogs }] = await Promise.all([failedChecks(forge, input), forge.capabilities()]);
      const checks: ChecksDocument['checks'][number][] = [];
      for (const [index, check] of failed.entries()) {
        const log = hasLogs && index < MOST_LOGS ? await forge.ciLog(check, LOG_BYTES) : null;
        const output = log ?? `The forge has no log of it${check.url ? `; see ${check.url}` : ''}.`;
        checks.push({
          name: `CI: ${oneLine(check.name, 100)}`,
          passed: false,
          exitCode: null,
          durationMs: 0,
          output: scrub(output),
        });
      }
      const document: ChecksDocument = { version: 1, head: input.head, checks };
      return repository.artifacts.put(document);
    },

    /** Takes a scheduled merge back: the forge no longer merges by itself. */
    disarmMerge: async (input: CiInput): Promise<void> => {
      const { forge } = await lookup.repository(input.issue);
      stillOurs();
      if (input.pullRequest !== null) await forge.cancelMerge(input.pullRequest);
    },
  };
}

async function failedChecks(forge: Forge, { head, base }: CiInput): Promise<readonly CiCheck[]> {
  const { checks } = await forge.ci(head, base);
  return checks.filter(({ state }) => state === 'failure');
}

/** Cut for history, red checks first: anybody may name a check anything, and there may be hundreds. */
function shortened(ci: CiState): CiState {
  const order = { failure: 0, pending: 1, success: 2 } as const;
  const checks = ci.checks
    .toSorted((a, b) => order[a.state] - order[b.state])
    .slice(0, MOST_CHECKS)
    .map((check) => ({ ...check, name: oneLine(check.name, 100), url: null, job: null }));
  return { ...ci, checks };
}

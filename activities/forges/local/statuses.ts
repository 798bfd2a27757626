import { foldCi, type CiCheck } from '../../../workflows/domain/forge/ci.ts';
import type { CommitStatus, Forge } from '../forge.ts';
import { fullSha } from '../pushed.ts';
import type { Records } from './records.ts';
import { statusRecord } from './schema.ts';

/** Statuses of commits, and the CI state they add up to; there are no logs, and nothing can be started again. */
export function createStatuses(records: Records): Pick<Forge, 'setStatus' | 'statuses' | 'ci' | 'ciLog' | 'rerun'> {
  const statuses = async (sha: string) => (await records.read(pathOf(sha), statusRecord))?.statuses ?? [];
  return {
    statuses,
    setStatus: (sha, status) =>
      records.alone(async () => {
        const others = (await statuses(sha)).filter((each) => each.context !== status.context);
        await records.write(pathOf(sha), { version: 1, sha, statuses: [...others, status] });
      }),
    ci: async (sha) => foldCi(sha, (await statuses(sha)).flatMap(ciCheckOf)),
    ciLog: async () => null,
    rerun: async () => false,
  };
}

function ciCheckOf({ context, state }: CommitStatus): readonly CiCheck[] {
  if (context.startsWith('millrace/')) return [];
  return [{ name: context, source: 'status', state, required: null, url: null, job: null }];
}

function pathOf(sha: string): string {
  return `statuses/${fullSha(sha)}`;
}

import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { endOrphans } from '../activities/attempt/orphans.ts';
import { namesIn } from '../activities/host/plain-file.ts';
import type { Repositories } from '../activities/repository/repository.ts';
import { repairWorktrees } from '../activities/worktree/repair.ts';
import { stateLayout } from '../workflows/domain/host/layout.ts';
import { giveBack } from './inflight.ts';
import { openIssues } from './open-issues.ts';

interface JanitorInput {
  readonly client: Client;
  readonly stateRoot: string;
  readonly repositories: Repositories;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Repairs what a killed worker left, before this one takes any work: first its processes end, so that nothing writes;
 * then worktrees are repaired; then its activities are given back, so that their retries find everything in order.
 */
export async function tidyUp({ client, stateRoot, repositories, log }: JanitorInput): Promise<void> {
  const layout = stateLayout(stateRoot);
  const orphans = await endOrphans(stateRoot);
  if (orphans.survivors.length > 0) {
    throw new Error(
      `processes ${orphans.survivors.join(', ')} of an earlier worker cannot be ended: end them, then start again`,
    );
  }
  const { known, unknown } = await repositories.all();
  for (const { repo, problem } of unknown)
    log.warn({ repository: repo, problem }, 'a repository cannot be read and is left out');
  for (const repository of known) {
    const keys = await namesIn(repository.layout.leases);
    const live = new Set(await openIssues(client, repository.key, keys));
    const { broken, ...repair } = await repairWorktrees(repository, live);
    if (repair.removed.length + repair.kept.length > 0)
      log.info({ repository: repository.key, ...repair }, 'worktrees were repaired');
    for (const problem of broken) log.warn({ repository: repository.key, problem }, 'a worktree cannot be repaired');
  }
  const given = await giveBack(client, layout.inflight, log);
  if (given + orphans.runs > 0)
    log.info({ activities: given, runs: orphans.runs }, 'an earlier worker was killed: its work goes on');
}

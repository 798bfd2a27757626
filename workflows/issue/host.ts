import type { HostActivities } from '../../activities/index.ts';
import type { Prepared } from '../domain/attempt.ts';
import { workOf } from '../domain/issue-state.ts';
import { movedTo } from '../domain/issue-transitions.ts';
import { isHostLost, NotTakenOver } from '../failures.ts';
import { hostActivities, prepareIssue } from '../proxies.ts';
import type { IssueCore } from './core.ts';

/** Finds a host for the issue and makes its worktree there, or rebuilds it where its work stands already. */
export function prepareOnHost({ input, state }: IssueCore): Promise<Prepared> {
  const { branch, head } = state;
  return prepareIssue({
    version: 1,
    issue: input.issue,
    priority: input.priority,
    dependencies: input.dependencies,
    rerun: input.rerun !== null,
    resume: branch !== null && head !== null ? { branch, head } : null,
  });
}

/** Takes a step on the issue's host; if that is lost, another host rebuilds the worktree first. @throws NotTakenOver */
export async function onHost<T>(core: IssueCore, step: (host: HostActivities) => Promise<T>): Promise<T> {
  for (;;) {
    const { host } = workOf(core.state);
    try {
      return await step(hostActivities(host));
    } catch (error) {
      if (!isHostLost(error)) throw error;
      const prepared = await prepareOnHost(core);
      if (prepared.kind !== 'ready')
        throw new NotTakenOver(`host ${host} is lost, and no other host goes on with it: ${prepared.reason}`);
      core.state = movedTo(core.state, prepared.host);
    }
  }
}

/** What can stop an activity: the `type` of the ApplicationFailure that it throws. */
export type FailureType =
  | 'ForgeUnavailable'
  | 'ForgeRateLimited'
  | 'ForgeRejected'
  | 'ForgeResponseInvalid'
  | 'AgentUnavailable'
  | 'AgentStalled'
  | 'AgentCrashed'
  | 'WorktreeBroken'
  | 'WorktreeConflict'
  | 'SetupFailed'
  | 'PushRejected'
  | 'RepositoryUnknown'
  | 'WorkerLost'
  | 'BudgetExceeded';

/** Whether Temporal retries by itself; false: something else has to be decided first. */
export const retried: Readonly<Record<FailureType, boolean>> = {
  ForgeUnavailable: true,
  ForgeRateLimited: true,
  ForgeRejected: false,
  ForgeResponseInvalid: false,
  AgentUnavailable: false,
  AgentStalled: true,
  AgentCrashed: true,
  WorktreeBroken: true,
  WorktreeConflict: false,
  SetupFailed: false,
  PushRejected: false,
  RepositoryUnknown: false,
  WorkerLost: true,
  BudgetExceeded: false,
};

/** Whether a string names one of our failures; unknown ones are bugs or Temporal's own. */
export function isFailureType(type: string | null | undefined): type is FailureType {
  return type != null && Object.hasOwn(retried, type);
}

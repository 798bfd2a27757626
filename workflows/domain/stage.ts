/** Where an issue stands now; shown as a search attribute and in every table. */
export type Stage =
  | 'queued'
  | 'waiting (dependency)'
  | 'waiting (slot)'
  | 'waiting (quota)'
  | 'waiting (human)'
  | 'preparing'
  | 'implementing'
  | 'checking'
  | 'publishing'
  | 'reviewing'
  | 'fixing'
  | 'awaiting-ci'
  | 'landing'
  | 'done';

/** Whether an issue in that stage can do nothing by itself: it waits for a person, for quota, for a slot or for another issue. */
export function isWaitingStage(stage: Stage): boolean {
  return stage.startsWith('waiting');
}

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

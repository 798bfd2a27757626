/** Texts that a prompt can name; strangers' words come between marks. An empty text: there is none. */
export const promptTexts = [
  'issue',
  'files',
  'findings',
  'noted',
  'checks',
  'message',
  'issueId',
  'place',
  'branch',
  'base',
  'baseSha',
  'start',
  'since',
  'round',
  'words',
  'problem',
  'spending',
  'fence',
  'fenceEnd',
] as const;

/** Conditions that a prompt can ask for, as sections. */
export const promptConditions = [
  'isImplement',
  'isPushBack',
  'isFixChecks',
  'isFixReview',
  'isReview',
  'isReviewAgain',
  'isContinue',
  'isInterrupted',
  'isRecap',
  'isLater',
  'isReading',
  'isVerdict',
  'isLines',
  'isMessage',
  'isSchema',
] as const;

/** Parts of our prompts that another prompt can include, as `{{> rules}}`. */
export const promptPartials = [
  'continue',
  'session',
  'issue',
  'findings',
  'checks',
  'message',
  'spending',
  'rules',
  'answer',
  'form',
] as const;

/** Everything that a template is filled with. */
export type PromptView = Readonly<
  Record<(typeof promptTexts)[number], string> & Record<(typeof promptConditions)[number], boolean>
>;

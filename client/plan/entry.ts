import type { Extra } from './extra.ts';
import type { TaskFields } from './schema.ts';

/** A field whose place in a file a message may need. */
export type EntryField = keyof TaskFields | 'id';

/** One issue as some format describes it, before the plan is looked at as a whole. */
export interface Entry {
  readonly id: string;
  readonly fields: TaskFields;
  /** Whatever else its file says of it. */
  readonly extra: Extra;
  /** Markdown as it was written. */
  readonly body: string;
  /** `file:line:column` or flag of a field, or of one entry of a list. */
  at(field: EntryField, index?: number): string;
}

/** Entries of one file or of the flags. */
export interface EntryList {
  /** What the user calls this plan; null: nothing. */
  readonly name: string | null;
  readonly entries: readonly Entry[];
}

import type { Problem } from '../input/errors.ts';
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
  /** Markdown as it was written; null: it was refused, and a problem says why. */
  readonly body: string | null;
  /** `file:line:column` or flag of a field, or of one entry of a list. */
  at(field: EntryField, index?: number): string;
}

/** What could be read of one issue, and what is wrong with the rest of it. */
export interface ReadEntry {
  readonly entry: Entry;
  readonly problems: readonly Problem[];
}

/** What could be read of one plan, and all that is wrong with the rest. */
export interface EntryList {
  /** What the user calls this plan; null: nothing. */
  readonly name: string | null;
  readonly entries: readonly Entry[];
  readonly problems: readonly Problem[];
  /** False: there are issues whose ids are not known, and others may depend on them. */
  readonly isComplete: boolean;
}

import type { Problem } from '../input/errors.ts';
import type { Extra } from './extra.ts';
import type { TaskFields } from './schema.ts';

/** A field that a message may have to point to. */
export type EntryField = keyof TaskFields | 'id';

/** One issue as its file describes it, before the plan is checked as a whole. */
export interface Entry {
  readonly id: string;
  readonly fields: TaskFields;
  /** Everything else that its file says about it. */
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
  /** The plan's name; null: it has none. */
  readonly name: string | null;
  readonly entries: readonly Entry[];
  readonly problems: readonly Problem[];
  /** False: there are issues whose ids are not known, and others may depend on them. */
  readonly isComplete: boolean;
}

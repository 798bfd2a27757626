import type { Problem } from '../input/errors.ts';
import type { Source } from '../input/yaml.ts';
import type { WrittenConfig } from './schema.ts';

/** Says where a setting was written: `millrace.yaml:3:5`, or the flag that set it. */
export type WhereWritten = (path: readonly PropertyKey[]) => string;

/** A configuration while it becomes settings: each step adds what is wrong, and goes on with the rest. */
export interface Reading {
  /** What the schema accepts of the file. */
  readonly written: WrittenConfig;
  /** Knows places in the file. */
  readonly source: Source;
  /** Knows places in the file and flags that win over them. */
  readonly where: WhereWritten;
  /** Names of all profiles in the file, accepted or not: others may refer to them. */
  readonly profileNames: readonly string[];
  /** False: the schema refused something there, and what would follow from that is no mistake of its own. */
  readonly isWhole: (path: readonly PropertyKey[]) => boolean;
  readonly problems: Problem[];
}

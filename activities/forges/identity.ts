/** An issue as a forge is asked for it. */
export interface IssueIdentity {
  readonly id: string;
  /** `[A-Za-z0-9_-]{1,64}`. */
  readonly key: string;
  /** Of title and body; where a plan is the only place of an issue, another text is another issue. */
  readonly textHash: string;
  /** Its number on the forge; left out: only a plan knows it. */
  readonly number?: number;
}

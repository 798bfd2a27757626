/** A text that is too big or too private for history: a file named by its hash in the artifact store. */
export interface ArtifactRef {
  /** Hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Where things lie in the state folder; pure names, so that client and worker agree. */
export function stateLayout(root: string) {
  return {
    root,
    /** The id of this host, stable over restarts. */
    host: `${root}/host`,
    locks: `${root}/locks`,
    logs: `${root}/logs`,
    /** Who runs the embedded server: pid, ports, version. */
    server: `${root}/server.json`,
    worker: `${root}/worker.json`,
    /** The embedded server that was started only to look something up: its pid and start. */
    visited: `${root}/visited`,
    /** Activities that a worker holds right now, one file each. */
    inflight: `${root}/inflight`,
    /** What came of each settled batch, as Markdown. */
    reports: `${root}/reports`,
    temporal: (cliVersion: string) => `${root}/temporal-${cliVersion}.db`,
    repositories: `${root}/repositories`,
    repository: (key: string) => repositoryLayout(`${root}/repositories/${key}`),
  } as const;
}

/** Where things of one repository lie. */
export function repositoryLayout(root: string) {
  return {
    root,
    /** Bare, trusted: fetches from and pushes to the remote. */
    mirror: `${root}/mirror.git`,
    /** Bare, not trusted: owns every worktree, borrows the mirror's objects. */
    agents: `${root}/agents.git`,
    /** An issue's worktree, and the throwaway one of its review. */
    worktrees: `${root}/worktrees`,
    worktree: (issueKey: string) => `${root}/worktrees/${issueKey}`,
    reviewWorktree: (issueKey: string) => `${root}/worktrees/${issueKey}.review`,
    /** What we know of each worktree, in our own words: branch, start, whether its set-up has finished. */
    leases: `${root}/leases`,
    /** Removed trees, deleted in the background. */
    trash: `${root}/trash`,
    /** Texts named by their sha256: settings, plans, reviews, outputs of checks. */
    artifacts: `${root}/artifacts`,
    /** Digest of the settings that were registered last. */
    current: `${root}/settings`,
    artifact: (sha256: string) => `${root}/artifacts/${sha256}`,
    /** Prompt, context, result, transcript and journal of one attempt. */
    attempt: (issueKey: string, attempt: number) => `${root}/attempts/${issueKey}/${attempt}`,
    attempts: (issueKey: string) => `${root}/attempts/${issueKey}`,
    /** What this host knows of a session of an agent; a path without its ending. */
    session: (id: string) => `${root}/sessions/${id}`,
    /** What attempts used, one file for each night. */
    ledger: `${root}/ledger`,
    /** Records of the local forge. */
    forge: `${root}/forge`,
  } as const;
}

/** Paths of one repository's state. */
export type RepositoryLayout = ReturnType<typeof repositoryLayout>;

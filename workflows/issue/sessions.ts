import { uuid4 } from '@temporalio/workflow';

/** A session of an agent, known before its process exists. */
export interface Session {
  readonly id: string;
  /** An attempt of it has ended: the next one resumes it. */
  used: boolean;
  /** Its context was full at the end of the last attempt. */
  full: boolean;
}

/** The sessions of one piece of work, one a profile: nobody goes on in another one's. */
export interface Sessions {
  of(profile: string): Session;
  /** The next attempt of a profile begins afresh: its context is full, and going on did not help. */
  renew(profile: string): void;
}

/** No sessions yet. */
export function createSessions(): Sessions {
  const sessions = new Map<string, Session>();
  return {
    of(profile) {
      const session = sessions.get(profile) ?? { id: uuid4(), used: false, full: false };
      sessions.set(profile, session);
      return session;
    },
    renew: (profile) => void sessions.delete(profile),
  };
}

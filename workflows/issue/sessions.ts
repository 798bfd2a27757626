import { uuid4 } from '@temporalio/workflow';

/** A session of an agent, known before its process exists. */
export interface PresetSession {
  readonly id: string;
  /** An attempt in it has ended: the next one resumes it. */
  used: boolean;
  /** Its context was full at the end of the last attempt. */
  full: boolean;
}

/** The sessions of one piece of work, one for each profile: no profile goes on in another one's session. */
export interface PresetSessions {
  of(profile: string): PresetSession;
  /** The profile's next attempt begins a new session: the context is full, and going on in it did not help. */
  renew(profile: string): void;
}

/** Builds the sessions of one piece of work, none of them used. */
export function createSessions(): PresetSessions {
  const sessions = new Map<string, PresetSession>();
  return {
    of(profile) {
      const session = sessions.get(profile) ?? { id: uuid4(), used: false, full: false };
      sessions.set(profile, session);
      return session;
    },
    renew: (profile) => void sessions.delete(profile),
  };
}

/** An account on a forge; compared by id, since logins change hands. */
export interface Account {
  readonly id: string;
  readonly login: string;
}

/** What an account may do in a repository, from least to most. */
export type Permission = 'none' | 'read' | 'write' | 'admin';

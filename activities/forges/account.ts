/** An account on a forge; compared by id, since logins change hands. */
export interface Account {
  readonly id: string;
  readonly login: string;
}

export type Permission = 'none' | 'read' | 'write' | 'admin';

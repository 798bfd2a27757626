import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Connection } from '../../../activities/forges/http/connection.ts';
import { createGit } from '../../../activities/git/git.ts';
import type { LimitTold, RequestKind } from '../../../workflows/domain/forge/pace.ts';
import { createRemoteReader } from '../../../activities/git/remote.ts';
import type { ForgePlace } from '../../../workflows/domain/settings.ts';

/** A connection without waits that remembers which turns were taken and what was learned of limits. */
export interface WatchedConnection {
  readonly connection: Connection;
  readonly turns: RequestKind[];
  readonly learned: LimitTold[];
  dispose(): Promise<void>;
}

export interface ConnectionTo {
  readonly place: ForgePlace;
  readonly token: string;
  /** Where git finds the same repository. */
  readonly remote: string;
}

let accounts = 0;

export async function connectTo({ place, token, remote }: ConnectionTo): Promise<WatchedConnection> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-mirror-'));
  await execa('git', ['init', '--quiet', '--bare', '--', dir]);
  accounts += 1;
  const turns: RequestKind[] = [];
  const learned: LimitTold[] = [];
  const connection: Connection = {
    place,
    credential: { id: String(accounts).padStart(16, '0'), source: 'a test', token: async () => token },
    pace: {
      turn: async (kind) => void turns.push(kind),
      learn: async (told) => void learned.push(told),
    },
    remote: createRemoteReader({ mirror: async () => createGit(dir), remote }),
  };
  return { connection, turns, learned, dispose: () => rm(dir, { recursive: true, force: true }) };
}

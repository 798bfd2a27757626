import { z } from 'zod';
import { once } from '../../host/once.ts';
import type { Account, Permission } from '../account.ts';
import { unless } from '../http/unless.ts';
import type { GithubClient } from './api/client.ts';
import { viewerQuery } from './api/documents.ts';
import * as schema from './api/schema.ts';

const viewer = z.object({ viewer: z.object({ login: z.string(), databaseId: z.number().nullish() }) });

/** The account that acts; asked once, since a credential always acts for the same one. */
export function createAccount(client: GithubClient): () => Promise<Account> {
  return once(() => whoWeAre(client));
}

async function whoWeAre(client: GithubClient): Promise<Account> {
  const user = client.ask(schema.account, (rest) => rest.users.getAuthenticated());
  // An installation token belongs to no user; GraphQL tells the bot that it acts as.
  const known = await user.catch(unless('forbidden'));
  if (known) return known;
  const { login, databaseId } = (await client.graphql(viewer, { name: 'viewer', document: viewerQuery, variables: {} }))
    .viewer;
  if (databaseId) return { id: String(databaseId), login };
  return client.ask(schema.account, (rest) => rest.users.getByUsername({ username: login }));
}

/** What an account may do here; nothing if its login belongs to somebody else by now. */
export async function readPermission(client: GithubClient, account: Account): Promise<Permission> {
  const asked = client.ask(schema.permission, (rest) =>
    rest.repos.getCollaboratorPermissionLevel({ ...client.at, username: account.login }),
  );
  const told = await asked.catch(unless('not-found'));
  return told?.user?.id === account.id ? levelOf(told.permission) : 'none';
}

function levelOf(permission: string): Permission {
  switch (permission) {
    case 'admin':
      return 'admin';
    case 'write':
    case 'maintain':
      return 'write';
    case 'read':
    case 'triage':
      return 'read';
    default:
      return 'none';
  }
}

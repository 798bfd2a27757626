import { z } from 'zod';
import type { Account, Permission } from '../account.ts';
import { unless } from '../http/unless.ts';
import type { GithubClient } from './api/client.ts';
import { viewerQuery } from './api/documents.ts';
import * as schema from './api/schema.ts';

const viewer = z.object({ viewer: z.object({ login: z.string(), databaseId: z.number().nullish() }) });

/** The account that acts; asked once, since nobody else can come to act with the same credential. */
export function createAccount(client: GithubClient): () => Promise<Account> {
  let known: Promise<Account> | null = null;
  return () => {
    known ??= whoWeAre(client).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
}

async function whoWeAre(client: GithubClient): Promise<Account> {
  const user = client.ask(schema.account, (rest) => rest.users.getAuthenticated());
  // Tokens of an App's installation are no user; GraphQL shows the bot that they act as.
  const known = await user.catch(unless('forbidden'));
  if (known) return known;
  const { login, databaseId } = (await client.graphql(viewer, { name: 'viewer', document: viewerQuery, variables: {} }))
    .viewer;
  if (databaseId) return { id: String(databaseId), login };
  return client.ask(schema.account, (rest) => rest.users.getByUsername({ username: login }));
}

/** What an account may do here; a login that somebody else has by now may do nothing. */
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

import { randomBytes, verify } from 'node:crypto';
import { notFound, ok, Refusal, type Call, type Rule } from './answer.ts';
import type { AccountRecord } from './state.ts';
import { api, userView, view } from './views.ts';
import { accountOf, type World } from './world.ts';

/** Nobody yet: an App that has shown its signature, and acts by the token of an installation. */
const asApp: AccountRecord = { id: 0, login: '', permission: 'none', scopes: null, token: '' };

/** Whoever a token of the API stands for; null: nobody. */
export function tokenAccount(world: World, header = ''): AccountRecord | null {
  const token = /^(?:token|bearer) (.+)$/i.exec(header)?.[1];
  if (token === undefined) return null;
  if (isSigned(world, token)) return asApp;
  return accountByToken(world, token);
}

/** The same of a token alone, which git sends as a password. */
export function accountByToken({ accounts, minted }: World, token: string): AccountRecord | null {
  return accounts.find((each) => each.token === token) ?? minted.get(token) ?? null;
}

/** Whether it is a JSON web token of our App: signed by its key, at most ten minutes long, and not over. */
function isSigned({ app }: World, token: string): boolean {
  const [head = '', body = '', signature] = token.split('.');
  if (app === null || signature === undefined) return false;
  const isTrue = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${body}`),
    app.publicKey,
    Buffer.from(signature, 'base64url'),
  );
  const { iss, iat, exp } = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Record<string, unknown>;
  const isShort = Number(exp) - Number(iat) <= 600;
  return isTrue && String(iss) === app.id && isShort && Number(exp) * 1000 > Date.now();
}

/** @throws Refusal 401 for who is no App. */
function appOf({ world, me }: Call): NonNullable<World['app']> {
  if (me === asApp && world.app !== null) return world.app;
  throw new Refusal(401, 'A JSON web token could not be decoded');
}

const installation: Rule = (call) => {
  const { installation: id } = appOf(call);
  const { world } = call;
  const account = userView(world, accountOf(world, world.accounts[0]?.login ?? ''));
  const facts = { id, account, app_id: Number(appOf(call).id), repository_selection: 'selected' };
  return ok(view(world, 'installation', { ...facts, permissions: {}, html_url: api(world), suspended_by: null }));
};

const mint: Rule = (call) => {
  const app = appOf(call);
  const { world, params } = call;
  if (Number(params['installation_id']) !== app.installation) throw notFound();
  const token = `ghs_${randomBytes(18).toString('hex')}`;
  world.minted.set(token, accountOf(world, app.account));
  const expires_at = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
  return ok({ token, expires_at, permissions: {}, repository_selection: 'selected' }, 201);
};

export const appRules: Readonly<Record<string, Rule>> = {
  'apps/get-repo-installation': installation,
  'apps/create-installation-access-token': mint,
};

/** @throws Refusal 403: the token of an installation is no user. */
export function assertUser({ me, world }: Call): void {
  if (me === asApp) throw new Refusal(401, 'Bad credentials');
  const isInstallation = world.app !== null && me.login === world.app.account;
  if (isInstallation) throw new Refusal(403, 'Resource not accessible by integration');
}

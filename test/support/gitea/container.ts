import { createServer, type AddressInfo } from 'node:net';
import { execa } from 'execa';
import type { OpenedGitea } from './access.ts';

const IMAGE = 'gitea/gitea:1.27.3';

const scopes = 'write:repository,write:issue,read:user';

/** Longest pull of the image. */
const PULL_MS = 10 * 60_000;

/** A throw-away Gitea in a container; null: no engine answers, or it cannot have the image. */
export async function openContainer(say: (line: string) => void): Promise<OpenedGitea | null> {
  const docker = (args: readonly string[], timeout = 60_000) => execa('docker', args, { stdin: 'ignore', timeout });
  const answers = await docker(['info', '--format', '{{.ServerVersion}}'], 5_000).catch(() => null);
  if (!answers) return null;
  say(`starting ${IMAGE} in a container`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    security__INSTALL_LOCK: 'true',
    database__DB_TYPE: 'sqlite3',
    server__ROOT_URL: `${url}/`,
    server__OFFLINE_MODE: 'true',
    service__DISABLE_REGISTRATION: 'true',
    webhook__ALLOWED_HOST_LIST: 'loopback',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['--env', `GITEA__${name}=${value}`]);
  const started = await docker(
    ['run', '--detach', '--rm', '--publish', `127.0.0.1:${port}:3000`, ...flags, IMAGE],
    PULL_MS,
  ).catch((error: unknown) => say(`the container did not start: ${String(error).slice(0, 500)}`));
  if (!started) return null;
  const id = started.stdout.trim();
  const close = async () => void (await docker(['rm', '--force', '--volumes', id]));
  try {
    await answering(url);
    const gitea = (args: readonly string[]) => docker(['exec', '--user', 'git', id, 'gitea', 'admin', 'user', ...args]);
    const account = async (name: string, granted: string, ...more: readonly string[]) => {
      const email = `${name}@example.invalid`;
      const login = ['--username', name, '--password', `pw-${name}-12345`, '--email', email];
      await gitea(['create', ...login, '--must-change-password=false', ...more]);
      const token = ['--username', name, '--token-name', 'test', '--scopes', granted, '--raw'];
      return (await gitea(['generate-access-token', ...token])).stdout.trim().split('\n').at(-1) ?? '';
    };
    const admin = await account('root1', 'all', '--admin');
    const tokens = { admin, alice: await account('alice', scopes), bob: await account('bob', scopes) };
    return { access: { url, tokens, state: null }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    const healthy = await fetch(`${url}/api/healthz`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    if (healthy?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`the container's Gitea did not answer at ${url}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

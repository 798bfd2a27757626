import { homedir } from 'node:os';
import type { ForgePlace } from '../../workflows/domain/settings.ts';
import { createCredential, isToken } from './credential.ts';
import { runProgram } from '../process/program.ts';
import type { Variables, CredentialSource } from './source.ts';

/** A keyring that prompts for a password would wait for ever. */
const ANSWER_MS = 5_000;

/** What gh needs to find its files and the keyring. Its token variables are left out: it would only give them back. */
const passed = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'GH_CONFIG_DIR',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'APPDATA',
  'LOCALAPPDATA',
  'SYSTEMROOT',
] as const;

/** The login of GitHub's command line, which keeps it in a keyring; so gh itself is asked. */
export const ghLogin: CredentialSource = async (place, env) => {
  const { host } = new URL(place.url);
  const answer = await runProgram({
    file: 'gh',
    args: ['auth', 'token', '--hostname', host],
    cwd: env['HOME'] || homedir(),
    env: environmentOf(env),
    input: '',
    encoding: 'utf8',
    timeoutMs: ANSWER_MS,
    maxBytes: 64 * 1024,
  });
  const token = answer.stdout.trim();
  if (answer.exitCode === 0 && isToken(token)) {
    return createCredential({ server: place.url, account: token, source: 'gh auth token', token: async () => token });
  }
  if (answer.problem?.includes('ENOENT')) return { tried: 'gh is not on PATH' };
  const words = answer.stderr.trim().split('\n')[0] || answer.problem || 'it printed no token';
  return { tried: `\`gh auth token --hostname ${host}\` failed: ${words.slice(0, 200)}` };
};

/** What a person types to get that login. */
export function ghMend(place: ForgePlace): string {
  return `gh auth login --hostname ${new URL(place.url).host}`;
}

function environmentOf(env: Variables): Record<string, string> {
  const own = passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(own), GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };
}

import { afterEach, expect, it, vi } from 'vitest';
import { programEnvironment } from '../../../activities/process/environment.ts';
import { isWithheld } from '../../../workflows/domain/agent/environment.ts';

const ours = [
  'MILLRACE_GITHUB_TOKEN',
  'MILLRACE_GITHUB_APP_ID',
  'MILLRACE_GITHUB_APP_KEY_FILE',
  'MILLRACE_GITEA_TOKEN',
  'MILLRACE_GIT_TOKEN',
  'GH_TOKEN',
  'GH_HOST',
  'GH_ENTERPRISE_TOKEN',
  'GH_CONFIG_DIR',
  'GITHUB_TOKEN',
  'GITHUB_ENTERPRISE_TOKEN',
  'GITHUB_PAT',
  'GITEA_TOKEN',
  'GITEA_INSTANCE_URL',
  'GITEA_SERVER_TOKEN',
  'FORGEJO_TOKEN',
  'TEA_TOKEN',
  'TEMPORAL_API_KEY',
  'GIT_ASKPASS',
  'SSH_AUTH_SOCK',
];

afterEach(() => vi.unstubAllEnvs());

it.each(ours)('%s reaches no agent and no check, not even by name', (name) => {
  vi.stubEnv(name, 'a-value-of-ours');
  expect(isWithheld(name)).toBe(true);
  expect(programEnvironment()).not.toHaveProperty(name);
  expect(programEnvironment([name])).not.toHaveProperty(name);
});

it.each(['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GHOST', 'TEAM', 'MY_GITHUB_NAME'])(
  '%s does, where a profile names it, and only then',
  (name) => {
    vi.stubEnv(name, 'a-value');
    expect(programEnvironment()).not.toHaveProperty(name);
    expect(programEnvironment([name])).toHaveProperty(name, 'a-value');
  },
);

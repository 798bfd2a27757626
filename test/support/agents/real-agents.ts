import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A real agent, pointed at a model on loopback. */
export interface RealAgent {
  /** Its profile in `millrace.yaml`. */
  readonly profile: Readonly<Record<string, unknown>>;
  /** What the worker's environment needs, for the names in the profile's `env`. */
  readonly env: Readonly<Record<string, string>>;
  /** For tools that report no money. */
  readonly prices?: Readonly<Record<string, unknown>>;
}

interface Place {
  /** Its home, a temporary folder of its own. */
  readonly folder: string;
  readonly llm: string;
}

/** Its program; null: the one of the development dependencies. */
type Program = readonly string[] | null;

/** The same price for all: 3 and 15 US dollars for a million tokens. */
const price = { input: 3, output: 15, cached: 0.3 };

/** The pi coding agent. */
export async function realPi({ folder, llm }: Place, program: Program): Promise<RealAgent> {
  const home = join(folder, 'pi');
  const model = {
    id: 'mock-model',
    contextWindow: 128_000,
    maxTokens: 8_000,
    cost: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  };
  const mock = { baseUrl: `${llm}/v1`, api: 'openai-completions', apiKey: 'sk-test', models: [model] };
  await write(join(home, 'models.json'), JSON.stringify({ providers: { mock } }));
  const retry = { enabled: false, provider: { maxRetries: 0 } };
  await write(join(home, 'settings.json'), JSON.stringify({ retry, enableInstallTelemetry: false }));
  const own = fileURLToPath(import.meta.resolve('@earendil-works/pi-coding-agent')).replace(/index\.js$/, 'cli.js');
  return {
    profile: {
      agent: 'pi',
      run: program ?? [process.execPath, own],
      model: 'mock/mock-model',
      args: ['--no-context-files'],
      env: ['PI_CODING_AGENT_DIR'],
    },
    env: { PI_CODING_AGENT_DIR: home },
  };
}

/** Claude Code. */
export async function realClaude({ llm }: Place, program: Program): Promise<RealAgent> {
  const env = { ANTHROPIC_BASE_URL: llm, ANTHROPIC_API_KEY: 'sk-test', CLAUDE_CODE_MAX_RETRIES: '0' };
  return {
    profile: { agent: 'claude', run: program, model: 'claude-sonnet-5-5', env: Object.keys(env) },
    env,
  };
}

/** Codex; its home must not lie in the system's temporary folder. */
export async function realCodex({ folder, llm }: Place, program: Program): Promise<RealAgent> {
  const home = join(folder, 'codex');
  const config = [
    'model_provider = "mock"',
    'check_for_update_on_startup = false',
    '[analytics]',
    'enabled = false',
    '[feedback]',
    'enabled = false',
    '[model_providers.mock]',
    'name = "mock"',
    `base_url = "${llm}/v1"`,
    'env_key = "MOCK_KEY"',
    'wire_api = "responses"',
    'supports_websockets = false',
    'request_max_retries = 0',
    'stream_max_retries = 0',
  ];
  await write(join(home, 'config.toml'), `${config.join('\n')}\n`);
  return {
    profile: { agent: 'codex', run: program, model: 'gpt-5-codex', env: ['CODEX_HOME', 'MOCK_KEY'] },
    env: { CODEX_HOME: home, MOCK_KEY: 'sk-test' },
    prices: { 'gpt-5-codex': price },
  };
}

/** opencode. */
export async function realOpencode({ folder, llm }: Place, program: Program): Promise<RealAgent> {
  const path = join(folder, 'opencode.json');
  const model = {
    name: 'mock',
    limit: { context: 128_000, output: 8_000 },
    cost: { input: 3, output: 15, cache_read: 0.3 },
  };
  const mock = {
    npm: '@ai-sdk/openai-compatible',
    options: { baseURL: `${llm}/v1`, apiKey: 'sk-test' },
    models: { 'mock-model': model },
  };
  const config = { provider: { mock }, enabled_providers: ['mock'], small_model: 'mock/mock-model', autoupdate: false };
  await write(path, JSON.stringify(config));
  return {
    profile: {
      agent: 'opencode',
      run: program,
      model: 'mock/mock-model',
      env: ['OPENCODE_CONFIG', 'OPENCODE_DISABLE_DEFAULT_PLUGINS'],
    },
    env: { OPENCODE_CONFIG: path, OPENCODE_DISABLE_DEFAULT_PLUGINS: '1' },
  };
}

/** The Gemini CLI. */
export async function realGemini({ folder, llm }: Place, program: Program): Promise<RealAgent> {
  const settings = {
    general: { enableAutoUpdate: false },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    security: { auth: { selectedType: 'gemini-api-key' } },
  };
  await write(join(folder, '.gemini', 'settings.json'), JSON.stringify(settings));
  const env = { GEMINI_API_KEY: 'sk-test', GOOGLE_GEMINI_BASE_URL: llm };
  return {
    profile: { agent: 'gemini', run: program, model: 'gemini-2.5-pro', env: Object.keys(env) },
    env,
    prices: { 'gemini-2.5-pro': price },
  };
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

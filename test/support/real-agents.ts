import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A real agent, pointed at a model on loopback. */
export interface RealAgent {
  /** Its profile in `millrace.yaml`. */
  readonly profile: Readonly<Record<string, unknown>>;
  /** What the worker's environment needs, for the names in the profile's `env`. */
  readonly env: Readonly<Record<string, string>>;
}

interface Place {
  /** Temporary folder of its own. */
  readonly folder: string;
  readonly llm: string;
}

/** The pi coding agent of the development dependencies, at the pinned version. */
export async function realPi({ folder, llm }: Place): Promise<RealAgent> {
  const home = join(folder, 'pi');
  const model = {
    id: 'mock-model',
    contextWindow: 128_000,
    maxTokens: 8_000,
    cost: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  };
  const mock = { baseUrl: `${llm}/v1`, api: 'openai-completions', apiKey: 'sk-test', models: [model] };
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'models.json'), JSON.stringify({ providers: { mock } }));
  const retry = { enabled: false, provider: { maxRetries: 0 } };
  await writeFile(join(home, 'settings.json'), JSON.stringify({ retry, enableInstallTelemetry: false }));
  const cli = fileURLToPath(import.meta.resolve('@earendil-works/pi-coding-agent')).replace(/index\.js$/, 'cli.js');
  return {
    profile: {
      agent: 'pi',
      run: [process.execPath, cli],
      model: 'mock/mock-model',
      args: ['--no-context-files'],
      env: ['PI_CODING_AGENT_DIR'],
      limits: { wall: '2m', idle: '1m' },
    },
    env: { PI_CODING_AGENT_DIR: home },
  };
}

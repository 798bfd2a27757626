import { execa } from 'execa';
import { agentFacts, factsOf, type AgentKind } from '../../workflows/domain/agent-facts.ts';
import type { Diagnosis } from '../../workflows/domain/diagnosis.ts';
import type { Profile, Settings } from '../../workflows/domain/settings.ts';
import { findProgram, programOf } from '../config/programs.ts';
import type { Environment } from '../state/folders.ts';

/** Longest wait for a question to a tool: three times what the slowest one took. */
const QUESTION_MS = 5_000;

interface Examined {
  readonly env: Environment;
  readonly folder: string;
}

/** A line for each profile; then one for each other tool on PATH, and one for all that are missing. */
export async function examineAgents(settings: Settings | null, at: Examined): Promise<readonly Diagnosis[]> {
  const profiles = Object.values(settings?.profiles ?? {});
  const named = new Set(profiles.map(({ agent }) => agent));
  const others = (Object.keys(agentFacts) as AgentKind[]).filter((kind) => !named.has(kind));
  const paths = await Promise.all(others.map((kind) => findProgram(kind, at.folder)));
  const missing = others.filter((_, index) => paths[index] === null);
  const found = others.flatMap((kind, index) => (paths[index] ? [{ kind, path: paths[index] }] : []));
  return [
    ...(await Promise.all(profiles.map((profile) => examineProfile(profile, at)))),
    ...(await Promise.all(found.map((tool) => examineTool(tool, at)))),
    ...(missing.length === 0
      ? []
      : [
          {
            name: 'agents',
            state: 'ok' as const,
            words: `not installed, and no profile wants them: ${missing.join(', ')}`,
            mend: null,
          },
        ]),
  ];
}

async function examineProfile(profile: Profile, at: Examined): Promise<Diagnosis> {
  const program = programOf(profile);
  const name = `agent ${profile.name}`;
  const path = await findProgram(program, at.folder);
  const facts = factsOf(profile.agent);
  if (path === null) {
    const mend = facts ? facts.install : `install ${program}, or correct the profile ${profile.name}`;
    return { name, state: 'broken', words: `${program} is not on PATH`, mend };
  }
  if (facts === null) return { name, state: 'ok', words: `command: ${path}`, mend: null };
  const argv = profile.run.length > 0 ? profile.run : [path];
  return describeTool({ name, kind: profile.agent, path, argv, names: profile.env }, at);
}

/** A tool that no profile wants is told of, and is no reason to worry. */
async function examineTool(
  { kind, path }: { readonly kind: AgentKind; readonly path: string },
  at: Examined,
): Promise<Diagnosis> {
  const found = await describeTool({ name: `agent ${kind}`, kind, path, argv: [path], names: [] }, at);
  return { ...found, state: 'ok', mend: null };
}

interface Tool {
  readonly name: string;
  readonly kind: AgentKind;
  /** Where its program was found. */
  readonly path: string;
  readonly argv: readonly string[];
  /** Variables that its profile hands to it. */
  readonly names: readonly string[];
}

async function describeTool(tool: Tool, at: Examined): Promise<Diagnosis> {
  const facts = factsOf(tool.kind)!;
  const [answer, login] = await Promise.all([ask(tool, ['--version'], at), loginOf(tool, at)]);
  const version = /\d+\.\d+\.\d+/.exec(answer ?? '')?.[0] ?? null;
  const tested = version === facts.version ? 'the tested version' : `tested with ${facts.version}`;
  const limits = `cannot ${facts.cannot.join('; cannot ')}`;
  const words = `${tool.kind} ${version ?? 'of unknown version'} (${tested}) at ${tool.path}, ${login.words}; ${limits}`;
  if (login.state === 'out')
    return {
      name: tool.name,
      state: 'warning',
      words,
      mend: `log in: run ${tool.kind}, or name its key in the profile's \`env\``,
    };
  const isTested = version === facts.version;
  return { name: tool.name, state: isTested ? 'ok' : 'warning', words, mend: isTested ? null : facts.install };
}

async function loginOf(
  tool: Tool,
  at: Examined,
): Promise<{ readonly state: 'in' | 'out' | 'unknown'; readonly words: string }> {
  const question = factsOf(tool.kind)?.login;
  if (!question) return { state: 'unknown', words: 'login: cannot tell without a run' };
  const answer = await ask(tool, question.args, at);
  if (answer !== null && question.no.test(answer)) return { state: 'out', words: 'not logged in' };
  if (answer !== null && question.yes.test(answer)) return { state: 'in', words: 'logged in' };
  return { state: 'unknown', words: 'login: it does not tell' };
}

/** Both streams of a short question; null: it did not answer in time. Its environment is that of a run. */
async function ask(tool: Tool, args: readonly string[], { env, folder }: Examined): Promise<string | null> {
  const [program = '', ...first] = tool.argv;
  const seen = Object.fromEntries(
    ['PATH', 'HOME', ...tool.names].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  const asked = execa(program, [...first, ...args], {
    cwd: folder,
    env: { ...seen, ...factsOf(tool.kind)?.quiet, LANG: 'C.UTF-8', TERM: 'dumb', TZ: 'UTC' },
    extendEnv: false,
    detached: true,
    all: true,
    stdin: 'ignore',
    reject: false,
    maxBuffer: 64 * 1024,
  });
  let late = false;
  // Not execa's own time-out: it ends one process, then waits for whatever that one left on its pipes.
  const timer = setTimeout(() => {
    late = true;
    endGroup(asked.pid);
  }, QUESTION_MS);
  const { all } = await asked;
  clearTimeout(timer);
  return late ? null : (all ?? null);
}

/** Some tools are a shim around the real one, which would outlive it. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

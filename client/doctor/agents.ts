import { execa } from 'execa';
import { agentFacts, factsOf, type AgentKind } from '../../workflows/domain/agent-facts.ts';
import type { Diagnosis } from '../../workflows/domain/diagnosis.ts';
import type { Profile } from '../../workflows/domain/settings.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { ProgramProblem } from '../config/agents/program-problems.ts';
import { findProgram, programOf } from '../config/agents/programs.ts';
import type { Environment } from '../state/folders.ts';

/** Longest wait for an answer of a tool: three times what the slowest one took. */
const QUESTION_MS = 5_000;

interface Examined {
  readonly env: Environment;
  readonly folder: string;
}

/** One line for each profile, one for each other tool on PATH, and one for all tools that are missing. */
export async function examineAgents(
  loaded: Pick<LoadedConfig, 'settings' | 'programs'> | null,
  at: Examined,
): Promise<readonly Diagnosis[]> {
  const profiles = Object.values(loaded?.settings.profiles ?? {});
  const broken = new Map((loaded?.programs ?? []).map((problem) => [problem.profile, problem]));
  const named = new Set(profiles.map(({ agent }) => agent));
  const others = (Object.keys(agentFacts) as AgentKind[]).filter((kind) => !named.has(kind));
  const paths = await Promise.all(others.map((kind) => findProgram(kind, at)));
  const missing = others.filter((_, index) => paths[index] === null);
  const found = others.flatMap((kind, index) => (paths[index] ? [{ kind, path: paths[index] }] : []));
  return [
    ...(await Promise.all(profiles.map((profile) => examineProfile(profile, broken.get(profile.name) ?? null, at)))),
    ...(await Promise.all(found.map((tool) => examineTool(tool, at)))),
    ...(missing.length === 0
      ? []
      : [
          {
            name: 'agents',
            state: 'ok' as const,
            words: `not installed, and no profile uses them: ${missing.join(', ')}`,
            mend: null,
          },
        ]),
  ];
}

async function examineProfile(profile: Profile, problem: ProgramProblem | null, at: Examined): Promise<Diagnosis> {
  const name = `agent ${profile.name}`;
  if (problem !== null)
    return { name, state: 'broken', words: `${problem.what} (${problem.where})`, mend: problem.mend };
  const path = (await findProgram(programOf(profile), at)) ?? programOf(profile);
  const isCommand = factsOf(profile.agent) === null;
  if (isCommand)
    return { name, state: 'ok', words: `command: ${[path, ...profile.run.slice(1)].join(' ')}`, mend: null };
  const argv = profile.run.length > 0 ? profile.run : [path];
  return describeTool({ name, kind: profile.agent, path, argv, names: profile.env }, at);
}

/** Describes a tool that no profile uses: whatever is wrong with it does not matter. */
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
  const version = answer.late ? null : (/\d+\.\d+\.\d+/.exec(answer.text)?.[0] ?? null);
  const isTested = version === facts.version;
  const tested = isTested ? 'the tested version' : `tested with ${facts.version}`;
  const limits = `cannot ${facts.cannot.join('; cannot ')}`;
  const words = `${tool.kind} ${version ?? 'of unknown version'} (${tested}) at ${tool.path}, ${login.words}; ${limits}`;
  const advice = answer.late ? byHand(tool, ['--version']) : isTested ? null : facts.install;
  const mends = [login.mend, advice].filter((each) => each !== null);
  return {
    name: tool.name,
    state: mends.length > 0 ? 'warning' : 'ok',
    words,
    mend: mends.length > 0 ? mends.join('; ') : null,
  };
}

/** What is known about a tool's login, and what to do about it; null: nothing to do. */
interface Login {
  readonly words: string;
  readonly mend: string | null;
}

async function loginOf(tool: Tool, at: Examined): Promise<Login> {
  const question = factsOf(tool.kind)?.login;
  if (!question) return { words: 'login: unknown without a run', mend: null };
  const answer = await ask(tool, question.args, at);
  if (answer.late) {
    const words = `login unknown: \`${[tool.kind, ...question.args].join(' ')}\` did not answer within ${QUESTION_MS / 1000} s`;
    return { words, mend: byHand(tool, question.args) };
  }
  if (question.no.test(answer.text)) {
    return { words: 'not logged in', mend: `log in: run ${tool.kind}, or name its key in the profile's \`env\`` };
  }
  return { words: question.yes.test(answer.text) ? 'logged in' : 'login: its answer does not say', mend: null };
}

function byHand(tool: Tool, args: readonly string[]): string {
  return `ask it by hand: \`${[...tool.argv, ...args].join(' ')}\``;
}

/** Both streams of a short question, or that it took too long. */
type Answer = { readonly late: false; readonly text: string } | { readonly late: true };

/** Asks a tool in the environment that a run of its profile gets. */
async function ask(tool: Tool, args: readonly string[], { env, folder }: Examined): Promise<Answer> {
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
  // Not execa's own timeout, which kills one process and then waits for anything that still holds its pipes.
  const timer = setTimeout(() => {
    late = true;
    endGroup(asked.pid);
  }, QUESTION_MS);
  const { all } = await asked;
  clearTimeout(timer);
  return late ? { late } : { late: false, text: all ?? '' };
}

/** Ends the whole group: some tools are a shim around the real program, which would outlive the shim. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // all of it has ended
  }
}

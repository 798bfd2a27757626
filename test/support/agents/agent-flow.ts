import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BatchView } from '../../../client/batch/view.ts';
import type { AttemptResult } from '../../../workflows/domain/attempt.ts';
import { createHome, type Home } from '../e2e/e2e.ts';
import { until } from '../processes.ts';
import { createProject, type Project } from '../e2e/project.ts';
import type { RealAgent } from './real-agents.ts';
import { startScriptedLlm, type LlmAnswer, type LlmTurn, type ScriptedLlm } from './scripted-llm.ts';

const block = (result: unknown) => `Done.\n\n\`\`\`json\n${JSON.stringify(result)}\n\`\`\`\n`;
const completed = block({ status: 'completed', summary: 'said hello' });
const isEditing = (tool: string) =>
  /^(write|edit|multi_?edit|notebookedit|write_file|replace|apply_patch|patch)$/i.test(tool);
const finding = { file: 'greeting.txt', line: 1, severity: 'major', body: 'It does not greet the world.' };
const verdict = (said: 'approved' | 'needs-work', summary: string) => ({
  verdict: said,
  summary,
  findings: said === 'approved' ? [] : [finding],
  earlier: [],
});

/** What a tool does at a limit decides how the script has to refuse it. */
export interface AgentTraits {
  /** Requests that are refused before it gives up. */
  readonly refusals: number;
  /** It takes our schema: a verdict is the object alone. */
  readonly schema?: boolean;
  /** A reviewer keeps all its tools, and a sandbox of the tool's own refuses what they would change. */
  readonly sandboxed?: boolean;
  /** It tells what it uses at its end only: no budget can stop it before, a limit of turns does. */
  readonly silent?: boolean;
  /** Longest flow, milliseconds. */
  readonly withinMs?: number;
}

/** What the model says: work, a review that wants more, a fix, a review that is content. */
function createScript(traits: AgentTraits): (turn: LlmTurn) => LlmAnswer {
  let refusals = 0;
  return (turn) => {
    if (turn.role === 'review') return review(turn, traits);
    switch (turn.issue) {
      case 'greet':
        return greet(turn);
      case 'limit':
        if (refusals++ < traits.refusals) {
          const message = 'You have hit your usage limit. Try again in 3s.';
          return { status: 429, type: 'usage_limit_reached', message };
        }
        return turn.step === 0 ? { run: "printf 'hi\\n' > greeting.txt", say: 'I work.' } : { say: completed };
      default:
        return { run: `printf '${turn.step}\\n' >> spent.txt`, say: 'I go on for ever.' };
    }
  };
}

function review(turn: LlmTurn, { schema }: AgentTraits): LlmAnswer {
  if (turn.step === 0) return { run: 'cat greeting.txt; (echo x > x.txt) && echo written', say: 'I look at it.' };
  const isContent = turn.issue !== 'greet' || turn.round !== 1;
  const said = verdict(isContent ? 'approved' : 'needs-work', 'one look');
  return schema ? { structured: said } : { say: block(said) };
}

/** Its worker is killed while the last word of the first prompt is on its way. */
function greet(turn: LlmTurn): LlmAnswer {
  const text = turn.role === 'fix' ? 'hello world' : 'hello';
  const isResumed = turn.role === 'implement' && turn.prompts > 1;
  if (turn.step === 0 && !isResumed) return { run: `printf '${text}\\n' > greeting.txt`, say: 'I work.' };
  if (turn.role === 'implement' && turn.prompts === 1)
    return { say: Array.from({ length: 120 }, (_, index) => `word ${index}, `).join(''), slow: true };
  return { say: completed };
}

/**
 * The tests of one real agent: three issues through the real server and worker; one is reviewed twice and its worker
 * killed in mid-stream, one meets a limit, one spends its budget.
 */
export function testAgentFlow(
  makeAgent: (place: { readonly folder: string; readonly llm: string }) => Promise<RealAgent>,
  traits: AgentTraits,
): void {
  const withinMs = traits.withinMs ?? 120_000;
  let home: Home;
  let llm: ScriptedLlm;
  let project: Project;
  let view: BatchView;
  let folder: string;

  beforeAll(async () => {
    home = await createHome();
    llm = await startScriptedLlm(createScript(traits));
    // Not below the system's temporary folder, where Codex's sandbox refuses to work.
    const cache = join(homedir(), '.cache', 'millrace-test');
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, 'agent-'));
    const agent = await makeAgent({ folder, llm: llm.url });
    const limits = { wall: '8m', idle: '6m', costUsd: 0.02, ...(traits.silent ? { turns: 3 } : {}) };
    project = await createProject(home, {
      // The others begin after the kill, which would be none of theirs.
      issues: [
        { id: 'greet', title: 'Greet politely' },
        { id: 'limit', dependencies: ['greet'] },
        { id: 'spends', dependencies: ['greet'] },
      ],
      config: {
        profiles: { real: { ...agent.profile, limits } },
        roles: { implement: 'real', review: 'real' },
        batch: { width: 2 },
        ...(agent.prices ? { prices: agent.prices } : {}),
      },
      files: { 'greeting.txt': 'nothing yet\n' },
    });
    const env = { HOME: folder, ...agent.env };
    await home.up(env);
    const batch = home.begin([...project.batch, '--json'], { env, withinMs });
    const isStreaming = () =>
      llm.turns.some(
        ({ issue, role, step, prompts }) => issue === 'greet' && role === 'implement' && step > 0 && prompts === 1,
      );
    if (await until(isStreaming, 60_000)) process.kill((await home.worker())!.pid, 'SIGKILL');
    const ended = await batch.ended;
    if (ended.out === '') throw new Error(ended.err);
    view = ended.json<BatchView>();
  }, withinMs + 90_000);
  afterAll(async () => {
    await llm.stop();
    await home.remove();
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  const issue = (id: string) => view.issues.find((each) => each.id === id);
  /** The journals of an issue's attempts, first to last. */
  const results = (key: string): readonly AttemptResult[] => {
    const attempts = join(home.state, 'repositories', view.repo, 'attempts', key);
    return readdirSync(attempts)
      .filter((name) => /^\d+$/.test(name))
      .sort((a, b) => Number(a) - Number(b))
      .map(
        (name) =>
          (JSON.parse(readFileSync(join(attempts, name, 'journal.json'), 'utf8')) as { result: AttemptResult }).result,
      );
  };

  test('implements, is reviewed twice, and fixes in between', async () => {
    expect(issue('greet')).toMatchObject({ outcome: 'approved', round: 2, attempts: 4 });
    expect(await project.git('show', 'millrace/greet-greet-politely:greeting.txt')).toBe('hello world');
  });

  test('goes on in the same session when its worker is killed in the middle of an answer', () => {
    const resumed = llm.turns.find(
      ({ issue, role, prompts }) => issue === 'greet' && role === 'implement' && prompts === 2,
    );
    const roles = resumed?.roles.filter((role) => role !== 'system');
    expect(roles).toContain('tool');
    expect(roles?.at(-1)).toBe('user');
    expect(results('greet').map(({ sessionLost }) => sessionLost)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    const [implement, , fix] = results('greet');
    expect(fix?.session).toBe(implement?.session);
  });

  test('looks as a reviewer, and has nothing to edit with', () => {
    const of = (role: LlmTurn['role']) => llm.turns.filter((turn) => turn.role === role);
    const offered = (role: LlmTurn['role']) => of(role).flatMap(({ tools }) => tools.filter(isEditing));
    const seen = of('review').flatMap(({ answers }) => answers);
    expect(seen.join('\n')).toContain('hello');
    if (traits.sandboxed) {
      for (const each of seen) expect(each).not.toContain('written');
      return;
    }
    expect(offered('review')).toEqual([]);
    expect(offered('implement')).not.toEqual([]);
  });

  test('tells what it used, of each attempt alone', () => {
    for (const { usage } of results('greet').slice(1)) {
      expect(usage.outputTokens).toBe(100);
      expect(usage.costUsd).toBeGreaterThan(0);
    }
  });

  test('whose account is used up waits for the reset, and is approved after it', () => {
    expect(issue('limit')).toMatchObject({ outcome: 'approved', round: 1 });
    expect(results('limit')[0]?.end.kind).toBe('limited');
  });

  test('that spends its budget is stopped, and a person is asked', () => {
    expect(issue('spends')).toMatchObject({
      outcome: 'needs-manual-review',
      reason: expect.stringMatching(
        traits.silent ? /^implement: turns used up 6 times$/ : /^implement: (the attempt's budget of \$0\.02 is spent)/,
      ) as string,
    });
  });
}

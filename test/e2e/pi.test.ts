import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { BatchView } from '../../client/batch-view.ts';
import { createHome, type Home } from '../support/e2e.ts';
import { until } from '../support/processes.ts';
import { createProject, type Project } from '../support/project.ts';
import { realPi } from '../support/real-agents.ts';
import { startScriptedLlm, type LlmAnswer, type LlmTurn, type ScriptedLlm } from '../support/scripted-llm.ts';

const block = (result: unknown) => `Done.\n\n\`\`\`json\n${JSON.stringify(result)}\n\`\`\`\n`;
const completed = block({ status: 'completed', summary: 'said hello' });
const finding = { file: 'greeting.txt', line: 1, severity: 'major', body: 'It does not greet the world.' };
const needsWork = block({ verdict: 'needs-work', summary: 'one thing', findings: [finding] });
const approved = block({ verdict: 'approved', summary: 'fine', findings: [] });
const commit = (message: string) =>
  `git add greeting.txt && git -c user.name=pi -c user.email=pi@localhost commit -qm '${message}'`;

/** What the model says: work, a review that wants more, a fix, a review that is content. */
function answerTo(turn: LlmTurn): LlmAnswer {
  if (turn.role === 'review') {
    if (turn.step === 0) return { run: 'cat greeting.txt', say: 'I look at it.' };
    return { say: turn.issue === 'greet' && turn.round === 1 ? needsWork : approved };
  }
  if (turn.issue === 'greet') return greet(turn);
  if (turn.issue === 'limit' && turn.prompts === 1 && !limited) {
    limited = true;
    return { status: 429, type: 'usage_limit_reached', message: 'You have hit your usage limit. Try again in 3s.' };
  }
  if (turn.issue === 'spends') return { run: `printf '${turn.step}\\n' >> spent.txt`, say: 'I go on for ever.' };
  if (turn.step === 0) return { run: `printf 'hi\\n' > greeting.txt && ${commit('feat: greet')}`, say: 'I work.' };
  return { say: completed };
}

let limited = false;

/** The worker is killed while the last word of the first prompt is on its way. */
function greet(turn: LlmTurn): LlmAnswer {
  const text = turn.role === 'fix' ? 'hello world' : 'hello';
  if (turn.step === 0 && turn.prompts !== 2) {
    return { run: `printf '${text}\\n' > greeting.txt && ${commit(`feat: ${text}`)}`, say: 'I work.' };
  }
  return turn.prompts === 1 ? { say: 'x'.repeat(600), slow: true } : { say: completed };
}

describe.skipIf(!inject('temporal'))('pi, on a scripted model', { timeout: 180_000 }, () => {
  let home: Home;
  let llm: ScriptedLlm;
  let project: Project;
  let view: BatchView;

  beforeAll(async () => {
    home = await createHome();
    llm = await startScriptedLlm(answerTo);
    const pi = await realPi({ folder: home.root, llm: llm.url });
    project = await createProject(home, {
      issues: [{ id: 'greet', title: 'Greet politely', priority: 'high' }, { id: 'limit' }, { id: 'spends' }],
      config: {
        profiles: { pi: { ...pi.profile, limits: { wall: '2m', idle: '1m', costUsd: 0.02 } } },
        roles: { implement: 'pi', review: 'pi' },
        batch: { width: 2 },
      },
      files: { 'greeting.txt': 'nothing yet\n' },
    });
    await home.up(pi.env);
    const batch = home.begin([...project.batch, '--json'], { env: pi.env, withinMs: 170_000 });
    await until(
      () => llm.turns.some(({ issue, step, prompts }) => issue === 'greet' && step === 1 && prompts === 1),
      60_000,
    );
    const worker = await home.worker();
    process.kill(worker!.pid, 'SIGKILL');
    view = (await batch.ended).json<BatchView>();
  }, 180_000);
  afterAll(async () => {
    await llm.stop();
    await home.remove();
  });

  const issue = (id: string) => view.issues.find((each) => each.id === id);

  test('implements, is reviewed twice, and fixes in between', async () => {
    expect(issue('greet')).toMatchObject({ outcome: 'approved', round: 2, attempts: 4 });
    expect(await project.git('show', 'millrace/greet-greet-politely:greeting.txt')).toBe('hello world');
  });

  test('goes on in the same session when its worker is killed in the middle of an answer', () => {
    const resumed = llm.turns.find(
      ({ issue, role, prompts }) => issue === 'greet' && role === 'implement' && prompts === 2,
    );
    expect(resumed?.roles.filter((role) => role !== 'system')).toEqual(['user', 'assistant', 'tool', 'user']);
    const sessions = join(home.state, 'repositories', readdirSync(join(home.state, 'repositories'))[0]!, 'sessions');
    const files = readdirSync(sessions).filter((name) => name.endsWith('.jsonl'));
    const starts = files.map(
      (name) => readFileSync(join(sessions, name), 'utf8').match(/^\{"type":"session"/gm)?.length,
    );
    expect(new Set(starts)).toEqual(new Set([1]));
  });

  test('whose account is used up waits for the reset, and costs no attempt of the issue', () => {
    expect(issue('limit')).toMatchObject({ outcome: 'approved', round: 1 });
  });

  test('that spends its budget is stopped, and a person is asked', () => {
    expect(issue('spends')).toMatchObject({
      outcome: 'needs-manual-review',
      reason: expect.stringMatching(/^implement: the attempt's budget of \$0\.02 is spent \(\$0\.0\d+\)/) as string,
    });
  });
});

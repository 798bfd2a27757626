import { LLMock, type ChatCompletionRequest, type FixtureResponse } from '@copilotkit/aimock';

/** What a real agent asks its model, as far as a script has to know. */
export interface LlmTurn {
  /** Id of the issue, from the prompt. */
  readonly issue: string;
  readonly role: 'implement' | 'fix' | 'review';
  readonly round: number;
  /** Tools that have answered since the prompt. */
  readonly step: number;
  /** Prompts of this session, this one included. */
  readonly prompts: number;
  readonly prompt: string;
  /** Names of the tools that the agent offers. */
  readonly tools: readonly string[];
  /** What tools have answered since the prompt. */
  readonly answers: readonly string[];
  /** Roles of all messages, in their order. */
  readonly roles: readonly string[];
}

/** What the model says to it. */
export type LlmAnswer =
  /** Runs a command, and says something before. */
  | { readonly run: string; readonly say: string }
  /** Says its last word; `slow`: letter by letter, over a minute. */
  | { readonly say: string; readonly slow?: boolean }
  /** Hands over an object by the schema that was asked for: by a tool where there is one, else as its last word. */
  | { readonly structured: unknown }
  /** The provider refuses. */
  | { readonly status: number; readonly message: string; readonly type: string };

/** A model on loopback that says what a script says, in the protocols of all providers. */
export interface ScriptedLlm {
  readonly url: string;
  /** Every turn that was asked for. */
  readonly turns: readonly LlmTurn[];
  stop(): Promise<void>;
}

/** Tokens that every answer costs. */
const usage = { prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050 };

/** Starts the model; whoever starts it stops it. */
export async function startScriptedLlm(script: (turn: LlmTurn) => LlmAnswer): Promise<ScriptedLlm> {
  const turns: LlmTurn[] = [];
  const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent' });
  const answers = new WeakMap<ChatCompletionRequest, LlmAnswer>();
  // A request is looked at more than once, and a script may count.
  const answerTo = (request: ChatCompletionRequest): LlmAnswer => {
    const known = answers.get(request);
    if (known) return known;
    const turn = turnOf(request);
    if (turn) turns.push(turn);
    const answer = turn === null ? { say: 'a title' } : script(turn);
    answers.set(request, answer);
    return answer;
  };
  const respond = (request: ChatCompletionRequest): FixtureResponse => responseOf(answerTo(request), request);
  const isSlow = (request: ChatCompletionRequest): boolean => {
    const answer = answerTo(request);
    return 'slow' in answer && answer.slow === true;
  };
  mock.addFixture({ match: { predicate: isSlow }, response: respond, chunkSize: 1, latency: 100 });
  mock.addFixture({ match: { predicate: (request) => !isSlow(request) }, response: respond });
  await mock.start();
  return { url: mock.url, turns, stop: () => mock.stop() };
}

/** Null: a question of the tool's own, for a title or a summary. */
function turnOf({ messages, tools }: ChatCompletionRequest): LlmTurn | null {
  const prompts = messages.flatMap((message, index) => {
    const text = message.role === 'user' ? textOf(message.content) : '';
    return /<<<ISSUE-/.test(text) ? [{ index, text }] : [];
  });
  const last = prompts.at(-1);
  if (!last || !tools?.length) return null;
  const { text: prompt, index } = last;
  const answered = messages.slice(index).filter(({ role }) => role === 'tool');
  return {
    issue: /^#(\S+): /m.exec(prompt)?.[1] ?? '',
    role: /You review the work/.test(prompt)
      ? 'review'
      : /A reviewer asked for changes/.test(prompt)
        ? 'fix'
        : 'implement',
    round: Number(/\(round (\d+)\)/.exec(prompt)?.[1] ?? 0),
    step: answered.length,
    prompts: prompts.length,
    prompt,
    tools: tools.map((tool) => tool.function.name),
    answers: answered.map(({ content }) => textOf(content)),
    roles: messages.map(({ role }) => role),
  };
}

function responseOf(answer: LlmAnswer, request: ChatCompletionRequest): FixtureResponse {
  if ('status' in answer) {
    return { error: { message: answer.message, type: answer.type }, status: answer.status };
  }
  if ('structured' in answer) return structured(answer.structured, request);
  if ('run' in answer) return { content: answer.say, toolCalls: [shellCall(answer.run, request)], usage };
  return { content: answer.say, usage };
}

function structured(value: unknown, { tools, messages }: ChatCompletionRequest): FixtureResponse {
  const json = JSON.stringify(value);
  const hasTool = (tools ?? []).some((tool) => tool.function.name === 'StructuredOutput');
  const isHandedOver = messages.at(-1)?.role === 'tool' && /structured output/i.test(textOf(messages.at(-1)!.content));
  if (!hasTool || isHandedOver) return { content: json, usage };
  return { content: 'My verdict.', toolCalls: [{ name: 'StructuredOutput', arguments: json }], usage };
}

/** The call of whatever this agent names its shell. */
function shellCall(command: string, { tools }: ChatCompletionRequest): { name: string; arguments: string } {
  const names = (tools ?? []).map((tool) => tool.function.name);
  const name =
    names.find((each) => /^(bash|shell|exec_command|shell_command|run_shell_command)$/i.test(each)) ?? 'bash';
  const call =
    name === 'exec_command'
      ? { cmd: command }
      : name === 'shell'
        ? { command: ['bash', '-lc', command] }
        : { command, description: 'works on the issue' };
  return { name, arguments: JSON.stringify(call) };
}

function textOf(content: string | readonly { readonly text?: string }[] | null): string {
  if (content === null) return '';
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('\n');
}

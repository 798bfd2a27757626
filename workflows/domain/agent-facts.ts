/** What a person has to know of a tool before they hand it a night's work. */
export interface AgentFacts {
  /** How to install the version whose output our adapter was tested on. */
  readonly install: string;
  readonly version: string;
  /** What it cannot do, each a phrase. */
  readonly cannot: readonly string[];
  /** What a name of a model looks like; and in words, with examples. */
  readonly model: { readonly pattern: RegExp; readonly words: string };
  /** It tells what it costs; else `prices` does. */
  readonly reportsCost: boolean;
  /** Flags that are ours, with what to write instead. */
  readonly ours: Readonly<Record<string, string>>;
  /** Its other flags; `args` may hold them. */
  readonly flags: readonly string[];
  /** How it is asked whether it is logged in, and what its answers mean; null: only a run can tell. */
  readonly login: { readonly args: readonly string[]; readonly no: RegExp; readonly yes: RegExp } | null;
  /** Variables that keep it, when it is only asked, from updating itself, fetching lists and reporting. */
  readonly quiet: Readonly<Record<string, string>>;
  /** Globs of the files that tell it what to do: a person should see a change of them before it is merged. */
  readonly instructions: readonly string[];
}

const output = 'remove it: its output is what Millrace reads';
const session = 'remove it: Millrace keeps the session';
const prompt = 'remove it: the prompt comes on standard input';
const permissions = 'remove it: the role decides what it may do';
const useModel = 'write `model:` instead';
const place = 'remove it: it works in the worktree of its issue';

const table = {
  claude: {
    install: 'npm install -g @anthropic-ai/claude-code@2.1.329',
    version: '2.1.329',
    cannot: ['tell when an account’s limit resets, with an API key alone'],
    model: {
      pattern:
        /^(opus|sonnet|haiku|opusplan|default|best)(\[1m\])?$|^(claude-|[a-z-]+\.anthropic\.|anthropic\.|arn:aws)[\w.:/@-]+(\[1m\])?$/,
      words: 'haiku, sonnet, opus, or a full name such as claude-sonnet-5-5',
    },
    reportsCost: true,
    ours: {
      ...each(
        '-p --print --output-format --input-format --verbose --json-schema --bg --background --include-hook-events --include-partial-messages --replay-user-messages --forward-subagent-text --prompt-suggestions --ax-screen-reader',
        output,
      ),
      ...each(
        '--session-id --resume -r --continue -c --fork-session --no-session-persistence --from-pr --teleport',
        session,
      ),
      ...each(
        '--worktree -w --cloud --environment --desktop --remote-control --remote-control-session-name-prefix --tmux',
        place,
      ),
      ...each(
        '--permission-mode --allowedTools --allowed-tools --disallowedTools --disallowed-tools --permission-prompts --permission-prompt-tool --setting-sources --strict-mcp-config',
        permissions,
      ),
      ...each('--model', useModel),
      ...each('--max-turns', 'write `limits: { turns: N }` instead'),
      ...each('--max-budget-usd', 'write `limits: { costUsd: N }` instead'),
    },
    flags: list(
      '--add-dir --agent --agents --append-system-prompt --autocompact --bare --betas --brief --chrome --dangerously-skip-permissions --allow-dangerously-skip-permissions -d --debug --debug-file --disable-slash-commands --effort --exclude-dynamic-system-prompt-sections --fallback-model --file --ide --mcp-config -n --name --no-chrome --plugin-dir --plugin-url --restricted --safe-mode --settings --system-prompt --system-prompt-snapshot --tools',
    ),
    login: { args: ['auth', 'status'], no: /"loggedIn":\s*false/, yes: /"loggedIn":\s*true/ },
    quiet: { DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
    instructions: ['**/CLAUDE.md', '**/.claude/**', '.mcp.json'],
  },
  codex: {
    install: 'npm install -g @openai/codex@0.169.0',
    version: '0.169.0',
    cannot: ['report money (write `prices:`)', 'tell its usage before a turn ends', 'take a limit of turns of its own'],
    model: { pattern: /^[A-Za-z0-9][\w.:/@+-]{0,127}$/, words: 'a name such as gpt-5-codex' },
    reportsCost: false,
    ours: {
      ...each('exec --json --output-last-message -o --output-schema --color', output),
      ...each('resume --last --all --ephemeral', session),
      ...each('-m --model', useModel),
      ...each('-s --sandbox', permissions),
      ...each('-C --cd --worktree', place),
    },
    flags: list(
      '-c --config --enable --disable --strict-config -i --image --oss --local-provider -p --profile --approve-for-me --dangerously-bypass-approvals-and-sandbox --dangerously-bypass-hook-trust --add-dir --thread-source --cyber-access-program --skip-git-repo-check --trust --ignore-user-config --ignore-rules',
    ),
    login: { args: ['login', 'status'], no: /not logged in/i, yes: /logged in/i },
    quiet: {},
    instructions: ['**/AGENTS.md', '.codex/**'],
  },
  opencode: {
    install: 'npm install -g opencode-ai@1.18.33',
    version: '1.18.33',
    cannot: [
      'say anything while a tool runs or a provider is retried (72 s and more)',
      'tell its session before the first answer',
      'be stopped gently',
      'answer by a schema',
    ],
    model: { pattern: /^[\w.-]+\/[\w.:/@-]+$/, words: 'provider/model, such as anthropic/claude-sonnet-5-5' },
    reportsCost: true,
    ours: {
      ...each('run --format', output),
      ...each('--session -s --continue -c --fork', session),
      ...each('--share', 'remove it: work is not published'),
      ...each('--model -m', useModel),
      ...each('--dir --attach', place),
      ...each('--interactive -i --command', prompt),
      ...each('--auto', permissions),
    },
    flags: list(
      '--print-logs --log-level --pure --agent --file -f --title --password -p --username -u --port --variant --thinking',
    ),
    login: { args: ['auth', 'list'], no: /\b0 credentials/, yes: /\b[1-9]\d* credentials?/ },
    quiet: {
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    },
    instructions: ['.opencode/**', 'opencode.{json,jsonc}'],
  },
  pi: {
    install: 'npm install -g @earendil-works/pi-coding-agent@0.74.2',
    version: '0.74.2',
    cannot: [
      'go on with a session that was killed before its first answer',
      'ask for permissions: it has none',
      'answer by a schema',
    ],
    model: { pattern: /^[\w.-]+\/[\w.:/@-]+$/, words: 'provider/model, such as anthropic/claude-sonnet-5-5' },
    reportsCost: true,
    ours: {
      ...each('--mode --print -p --export --list-models', output),
      ...each('--session --session-dir --no-session --continue -c --resume -r --fork', session),
      ...each('--model --provider', useModel),
      ...each('--tools -t', permissions),
      ...each('--api-key', 'name its variable in `env:` instead'),
    },
    flags: list(
      '--system-prompt --append-system-prompt --models --no-tools -nt --no-builtin-tools -nbt --thinking --extension -e --no-extensions -ne --skill --no-skills -ns --prompt-template --no-prompt-templates -np --theme --no-themes --no-context-files -nc --verbose --offline',
    ),
    login: { args: ['--list-models'], no: /no models available/i, yes: /^provider\s+model/m },
    quiet: { PI_OFFLINE: '1', PI_TELEMETRY: '0' },
    instructions: ['.pi/**'],
  },
  gemini: {
    install: 'npm install -g @google/gemini-cli@0.61.0',
    version: '0.61.0',
    cannot: [
      'report money (write `prices:`)',
      'tell its usage before it ends',
      'say anything while a provider is retried (4 minutes)',
      'tell when a limit resets',
      'be stopped gently',
      'answer by a schema',
    ],
    model: {
      pattern: /^(auto|pro|flash|flash-lite)$|^(gemini|gemma)-[\w.-]+$/,
      words: 'pro, flash, or a name such as gemini-2.5-pro',
    },
    reportsCost: false,
    ours: {
      ...each('-o --output-format --acp --experimental-acp', output),
      ...each('--session-id --session-file --resume -r --list-sessions --delete-session', session),
      ...each('-m --model', useModel),
      ...each('-p --prompt -i --prompt-interactive', prompt),
      ...each('-w --worktree', place),
      ...each('--approval-mode --yolo -y --skip-trust', permissions),
    },
    flags: list(
      '-d --debug -s --sandbox --policy --admin-policy --allowed-mcp-server-names --allowed-tools -e --extensions --include-directories --screen-reader',
    ),
    login: null,
    quiet: { GEMINI_CLI_NO_RELAUNCH: 'true' },
    instructions: ['**/GEMINI.md', '.gemini/**'],
  },
} satisfies Readonly<Record<string, AgentFacts>>;

/** The coding tools that have a name in the configuration; `command` is a program of the user's own. */
export type AgentKind = keyof typeof table | 'command';

/** Every tool with an adapter of its own: a row here, and its adapter, make a new agent. */
export const agentFacts: Readonly<Record<Exclude<AgentKind, 'command'>, AgentFacts>> = table;

/** The tool that a person without any is told to install. */
export const suggestedAgent: keyof typeof table = 'claude';

/** All kinds of agents, in the order in which they are shown. */
export const agentKinds: readonly AgentKind[] = [...(Object.keys(table) as (keyof typeof table)[]), 'command'];

/** The facts of an agent; null: it is a program of the user's own. */
export function factsOf(agent: AgentKind): AgentFacts | null {
  return agent === 'command' ? null : agentFacts[agent];
}

function list(flags: string): readonly string[] {
  return flags.split(' ');
}

function each(flags: string, mend: string): Readonly<Record<string, string>> {
  return Object.fromEntries(list(flags).map((flag) => [flag, mend]));
}

import { describe, expect, test } from 'vitest';
import { noUsage } from '../../../../workflows/domain/attempt.ts';
import { batchPage, commandsFor, issuePage } from '../../../../workflows/domain/batch/page.ts';
import type { Stage } from '../../../../workflows/domain/stage.ts';
import type { IssueStatus } from '../../../../workflows/domain/status.ts';

const issue = { repo: 'r', settings: 's', plan: 'p', batch: 'b-1', id: 'fix-login', key: 'fix-login' };
const status: IssueStatus = {
  version: 1,
  id: 'fix-login',
  title: 'Tokens expire too early',
  stage: 'waiting (human)',
  reason: 'review still needs work after 3 rounds',
  round: 3,
  rounds: 3,
  attempts: 6,
  branch: 'millrace/fix-login',
  pullRequest: 7,
  host: 'h',
  head: '0123456789abcdef',
  ref: 'refs/millrace/fix-login/5',
  lastVerdict: 'needs work: 2 findings',
  usage: { ...noUsage, inputTokens: 900, outputTokens: 100, cachedTokens: 1_200_000, costUsd: 1.234 },
};

test('the page of an issue says where it stands and what to type next', () => {
  expect(issuePage(status, issue)).toBe(`### fix-login: Tokens expire too early

- Stage: **waiting (human)**: review still needs work after 3 rounds
- Round: 3 of 3
- Attempts: 6
- Branch: \`millrace/fix-login\`
- Work: \`0123456789ab\`
- Pull request: #7
- Last verdict: needs work: 2 findings
- Cost: $1.23, 1,201,000 tokens
- Batch: \`b-1\`

Type next:

    millrace resume fix-login --message "what the agent should know"
    millrace resume fix-login --accept
    millrace cancel fix-login`);
});

test('the page leaves out what is not known yet', () => {
  const page = issuePage(
    { ...status, stage: 'queued', reason: null, branch: null, head: null, pullRequest: null, lastVerdict: null },
    issue,
  );
  expect(page).toContain('- Stage: **queued**\n');
  for (const name of ['Branch', 'Work', 'Pull request', 'Last verdict']) expect(page).not.toContain(`- ${name}:`);
});

test('untrusted text does not become markup of the page, nor a command', () => {
  const page = issuePage(
    { ...status, title: '[x](javascript:1) <img>\n# big', reason: '`a`|b' },
    { ...issue, id: "a'; rm -rf /" },
  );
  expect(page).toContain('\\[x\\](javascript:1) \\<img\\> \\# big');
  expect(page).toContain('\\`a\\`\\|b');
  expect(page).toContain(`millrace cancel 'a'\\''; rm -rf /'`);
});

const commands: readonly [Stage, readonly string[]][] = [
  ['waiting (human)', ['resume', 'resume', 'cancel']],
  ['waiting (quota)', ['resume', 'cancel']],
  ['done', ['report', 'retry']],
  ...(
    [
      'queued',
      'waiting (dependency)',
      'waiting (slot)',
      'preparing',
      'implementing',
      'checking',
      'publishing',
      'reviewing',
      'fixing',
      'awaiting-ci',
      'landing',
    ] as const
  ).map((stage): [Stage, readonly string[]] => [stage, ['status', 'cancel']]),
];

test.each(commands)('in stage %s a person can type %j', (stage, verbs) => {
  expect(commandsFor({ stage }, issue).map((line) => line.split(' ')[1])).toEqual(verbs);
});

test.each([
  [
    'it touches protected paths: look at them yourself; type: millrace resume fix-login --accept',
    'resume fix-login --accept',
  ],
  ['the landing policy names main only; type: millrace resume fix-login', 'resume fix-login'],
  ['refused: "; type: millrace resume fix-login; rm -rf /"', 'resume fix-login --message "what the agent should know"'],
])('the command that a reason asks for comes first: %s', (reason, first) => {
  const commands = commandsFor({ stage: 'waiting (human)', reason }, issue);
  expect(commands[0]).toBe(`millrace ${first}`);
  expect(new Set(commands).size).toBe(commands.length);
});

describe('the page of a batch', () => {
  const facts = {
    version: 1,
    batch: 'b-1',
    control: 'running',
    width: 4,
    atRest: false,
    plans: [],
    spentUsd: 1.5,
  } as const;

  test('counts what stands where', () => {
    const page = batchPage(facts, { approved: 3, running: 4, queued: 0 });
    expect(page).toContain(
      '- running, width 4\n- Cost of settled issues: $1.50\n- approved: 3\n- running: 4\n\nType next:',
    );
    expect(page).toContain('    millrace steer b-1 --width N');
  });

  test('says that it is at rest', () => {
    expect(batchPage({ ...facts, atRest: true }, {})).toContain('- At rest: what is left waits for a person, width 4');
  });
});

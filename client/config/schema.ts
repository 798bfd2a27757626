import { z } from 'zod';
import { agentKinds } from '../../workflows/domain/agent-facts.ts';
import { MAX_WIDTH, type Role } from '../../workflows/domain/settings.ts';
import { ciSchema, forgeSchema, issuesSchema, landingSchema } from './forge-schema.ts';
import { durationText, optional, relativePath, word } from './values.ts';

/** A script may contain newlines and tabs, but no program can be started with a NUL. */
const line = z
  .string()
  .trim()
  .min(1)
  .max(16_000)
  .regex(/^[^\u0000]*$/, 'must not hold NUL characters');

const argv = z
  .array(word)
  .min(1)
  .max(1000)
  .meta({ description: 'A program and its arguments, started as they stand.', examples: [['npm', 'test']] });

const command = z
  .union([argv, line])
  .meta({ description: 'A list is run as it stands, a text by a shell.', examples: [['npm', 'test']] });

const profileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'is not a name: letters, digits, `_`, `.` and `-`, at most 64')
  .meta({ examples: ['cheap'] });

const profileNames = z
  .union([profileName, z.array(profileName).min(1).max(20)])
  .meta({ description: 'A profile, or several: first choice first.', examples: [['cheap', 'strong']] });

const money = z.number().gt(0).max(1_000_000);
const tokens = z.number().int().min(1).max(1_000_000_000_000);

const budget = z
  .strictObject({
    costUsd: optional(money).meta({ description: 'US dollars.', examples: [20] }),
    tokens: optional(tokens).meta({ description: 'Input, output and cached ones together.', examples: [20_000_000] }),
  })
  .meta({
    description: 'What may be used up, runs under way included. Default: no limit.',
    examples: [{ costUsd: 20 }],
  });

const rate = z.number().min(0).max(1_000_000);

const prices = z
  .record(
    word,
    z.strictObject({
      input: rate.meta({ description: 'For a million tokens of input.', examples: [1.25] }),
      output: rate.meta({ description: 'For a million tokens of output.', examples: [10] }),
      cached: optional(rate).meta({ description: 'Read from a cache; default: as input.', examples: [0.125] }),
    }),
  )
  .meta({
    description:
      'US dollars for a million tokens, by model as the profile writes it (without one: by agent); for agents that report no money. Default: none.',
    examples: [{ 'gpt-5-codex': { input: 1.25, output: 10, cached: 0.125 } }],
  });

const profile = z.strictObject({
  agent: z.enum(agentKinds).meta({
    description: 'The coding tool; `command`: any program of yours.',
    examples: ['command'],
  }),
  model: optional(word).meta({
    description: 'The model, as the agent names it; one that it cannot have is refused. Default: its own choice.',
    examples: ['sonnet'],
  }),
  run: optional(argv).meta({
    description:
      'The program of a `command` agent and its arguments; of another one what to start instead of its name on `PATH`. Started without a shell, in the worktree.',
    examples: [['node', 'tools/agent.mjs']],
  }),
  args: optional(z.array(word).max(1000)).meta({
    description: 'More arguments; what the agent does not know, or Millrace sets itself, is refused.',
    examples: [['--verbose']],
  }),
  env: optional(
    z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'is not the name of an environment variable')).max(100),
  ).meta({
    description: 'Names of environment variables that the agent may see, such as that of its key.',
    examples: [['NPM_TOKEN']],
  }),
  limits: optional(
    z.strictObject({
      wall: optional(durationText).meta({ description: 'Wall clock of one run; default 45m.', examples: ['45m'] }),
      idle: optional(durationText).meta({ description: 'Longest silence; default 15m.', examples: ['10m'] }),
      turns: optional(z.number().int().min(1).max(100_000)).meta({
        description: 'Answers of the model in one run; default: no limit.',
        examples: [80],
      }),
      costUsd: optional(money).meta({ description: 'US dollars of one run; default: no limit.', examples: [2] }),
      tokens: optional(tokens).meta({
        description: 'Of one run: input, output and cached ones together; default: no limit.',
        examples: [2_000_000],
      }),
    }),
  ).meta({
    description: 'What one run may take; at a limit the agent is ended and its work kept.',
    examples: [{ wall: '45m', idle: '10m' }],
  }),
  fallback: optional(profileName).meta({
    description: 'The profile that takes over while this one has no quota, or its program is away.',
  }),
});

const check = z.strictObject({
  name: z
    .string()
    .regex(/^[^\u0000-\u001f\u007f]{1,100}$/, 'must be one line of at most 100 characters')
    .meta({ description: 'What reports and the forge call it.', examples: ['test'] }),
  run: command,
  timeout: optional(durationText).meta({ description: 'How long it may take; default 10m.', examples: ['10m'] }),
});

/** `millrace.yaml` as it is written; every line is optional. */
export const configSchema = z
  .strictObject({
    version: optional(z.literal(1)).meta({ description: 'Version of this format; default 1.', examples: [1] }),
    repository: optional(
      z.strictObject({
        path: optional(word).meta({
          description: 'The repository, from the folder of this file; default `.`.',
          examples: ['.'],
        }),
        base: optional(word).meta({
          description: "The branch where work starts and lands; default: the remote's default branch.",
          examples: ['main'],
        }),
      }),
    ).meta({ description: 'What is worked on.', examples: [{ path: '.', base: 'main' }] }),
    forge: optional(forgeSchema),
    profiles: optional(z.record(profileName, profile)).meta({
      description: 'A name for an agent, its model and its limits.',
      examples: [{ script: { agent: 'command', run: ['node', 'tools/agent.mjs'] } }],
    }),
    roles: optional(
      z.strictObject({
        implement: optional(profileNames).meta({ description: 'Works on an issue. Default: the first profile.' }),
        fix: optional(profileNames).meta({
          description: 'Mends what checks, reviews and CI find. Default: as `implement`.',
        }),
        review: optional(profileNames).meta({
          description: 'Reviews what was done. Default: the second profile, else the first.',
        }),
        resolve: optional(profileNames).meta({ description: 'Resolves conflicts. Default: as `fix`.' }),
        triage: optional(profileNames).meta({ description: 'Reads issues. Default: as `implement`.' }),
      } satisfies Record<Role, z.ZodType>),
    ).meta({
      description: 'Which profiles do what; of several the first begins, and the next goes on where it failed.',
      examples: [{ implement: 'cheap', review: 'strong' }],
    }),
    checks: optional(z.array(check).max(50)).meta({
      description: 'Commands whose exit status accepts or rejects the work. Default: none.',
      examples: [[{ name: 'test', run: ['npm', 'test'], timeout: '10m' }]],
    }),
    worktree: optional(
      z.strictObject({
        setup: optional(z.array(command).max(50)).meta({
          description: 'Commands that are run once in a new worktree. Default: none.',
          examples: [[['npm', 'ci']]],
        }),
        copy: optional(z.array(relativePath).max(1000)).meta({
          description: 'Untracked files of your repository that a worktree needs. Default: none.',
          examples: [['.env']],
        }),
      }),
    ).meta({ description: 'What a new worktree needs.', examples: [{ setup: [['npm', 'ci']], copy: ['.env'] }] }),
    review: optional(
      z.strictObject({
        rounds: optional(z.number().int().min(1).max(20)).meta({
          description: 'Rounds of review and fix before a person is asked; default 3.',
          examples: [3],
        }),
      }),
    ).meta({ description: 'How often work is reviewed.', examples: [{ rounds: 3 }] }),
    landing: optional(landingSchema),
    ci: optional(ciSchema),
    issues: optional(issuesSchema),
    batch: optional(
      z.strictObject({
        width: optional(z.number().int().min(1).max(MAX_WIDTH)).meta({
          description: 'Issues that are worked on at once; default 4.',
          examples: [4],
        }),
        budget: optional(budget),
      }),
    ).meta({ description: 'Limits of one batch.', examples: [{ width: 4, budget: { costUsd: 20 } }] }),
    issue: optional(z.strictObject({ budget: optional(budget) })).meta({
      description: 'Limits of one issue, over all its runs.',
      examples: [{ budget: { costUsd: 5 } }],
    }),
    night: optional(z.strictObject({ budget: optional(budget) })).meta({
      description: 'Limits of all that one machine runs for this repository, from noon to noon in local time.',
      examples: [{ budget: { costUsd: 50 } }],
    }),
    prices: optional(prices),
    sandbox: optional(z.enum(['auto', 'required', 'off'])).meta({
      description: '`auto` and `off` run without one, `required` is refused: there is none yet. Default `auto`.',
      examples: ['auto'],
    }),
  })
  .meta({ title: 'millrace.yaml', description: 'Configuration of a repository for Millrace; every line is optional.' });

/** `millrace.yaml` as it is written, parsed. */
export type WrittenConfig = z.infer<typeof configSchema>;

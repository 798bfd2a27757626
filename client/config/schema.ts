import { z } from 'zod';
import { agentKinds } from '../../workflows/domain/agent/facts.ts';
import { MAX_WIDTH, type Role } from '../../workflows/domain/settings.ts';
import { ci, forge, issues, landing } from './forge-schema.ts';
import { duration, optional, relativePath, word } from './values.ts';

/** A script may have lines and tabs; nothing that starts a program takes a NUL. */
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
  .meta({ examples: [{ costUsd: 20 }] });

const rate = z.number().min(0).max(1_000_000);

const prices = z
  .record(
    word,
    z.strictObject({
      input: rate.meta({ examples: [1.25] }),
      output: rate.meta({ examples: [10] }),
      cached: optional(rate).meta({ description: 'Read from a cache; default: as input.', examples: [0.125] }),
    }),
  )
  .meta({
    description: 'US dollars for a million tokens, by model; for agents that report no money.',
    examples: [{ 'gpt-5-codex': { input: 1.25, output: 10, cached: 0.125 } }],
  });

const profile = z.strictObject({
  agent: z.enum(agentKinds).meta({ examples: ['command'] }),
  model: optional(word),
  run: optional(argv).meta({
    description: 'The program of a `command` agent; of another one what to start instead of its name on PATH.',
    examples: [['node', 'tools/agent.mjs']],
  }),
  args: optional(
    z
      .array(word)
      .max(1000)
      .meta({ examples: [['--verbose']] }),
  ),
  env: optional(
    z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'is not the name of an environment variable')).max(100),
  ).meta({ description: 'Names of environment variables that the agent may see.', examples: [['NPM_TOKEN']] }),
  limits: optional(
    z.strictObject({
      wall: optional(duration).meta({ description: 'Wall clock of one run; default 45m.', examples: ['45m'] }),
      idle: optional(duration).meta({ description: 'Longest silence; default 15m.', examples: ['10m'] }),
      turns: optional(z.number().int().min(1).max(100_000)).meta({ examples: [80] }),
      costUsd: optional(money).meta({ examples: [2] }),
      tokens: optional(tokens).meta({ description: 'Input, output and cached ones together.', examples: [2_000_000] }),
    }),
  ).meta({ examples: [{ wall: '45m', idle: '10m' }] }),
  fallback: optional(profileName).meta({ description: 'The profile that takes over while this one has no quota.' }),
});

const check = z.strictObject({
  name: z
    .string()
    .regex(/^[^\u0000-\u001f\u007f]{1,100}$/, 'must be one line of at most 100 characters')
    .meta({ examples: ['test'] }),
  run: command,
  timeout: optional(duration).meta({ description: 'Default 10m.', examples: ['10m'] }),
});

/** `millrace.yaml` as it is written; every line is optional. */
export const configSchema = z
  .strictObject({
    version: optional(z.literal(1)).meta({ examples: [1] }),
    repository: optional(
      z.strictObject({
        path: optional(word).meta({ description: 'From the folder of this file; default `.`.', examples: ['.'] }),
        base: optional(word).meta({ description: 'Branch where work starts and lands.', examples: ['main'] }),
      }),
    ).meta({ examples: [{ path: '.', base: 'main' }] }),
    forge: optional(forge),
    profiles: optional(z.record(profileName, profile)).meta({
      description: 'A name for an agent, its model and its limits.',
      examples: [{ script: { agent: 'command', run: ['node', 'tools/agent.mjs'] } }],
    }),
    roles: optional(
      z.strictObject({
        implement: optional(profileNames),
        fix: optional(profileNames),
        review: optional(profileNames),
        resolve: optional(profileNames),
        triage: optional(profileNames),
      } satisfies Record<Role, z.ZodType>),
    ).meta({ examples: [{ implement: 'cheap', review: 'strong' }] }),
    checks: optional(z.array(check).max(50)).meta({
      description: 'Commands whose exit status accepts or rejects the work.',
      examples: [[{ name: 'test', run: ['npm', 'test'], timeout: '10m' }]],
    }),
    worktree: optional(
      z.strictObject({
        setup: optional(z.array(command).max(50)).meta({ examples: [[['npm', 'ci']]] }),
        copy: optional(z.array(relativePath).max(1000)).meta({ examples: [['.env']] }),
      }),
    ).meta({ examples: [{ setup: [['npm', 'ci']], copy: ['.env'] }] }),
    review: optional(
      z.strictObject({ rounds: optional(z.number().int().min(1).max(20)).meta({ examples: [3] }) }),
    ).meta({ examples: [{ rounds: 3 }] }),
    landing: optional(landing),
    ci: optional(ci),
    issues: optional(issues),
    batch: optional(
      z.strictObject({
        width: optional(z.number().int().min(1).max(MAX_WIDTH)).meta({ examples: [4] }),
        budget: optional(budget),
      }),
    ).meta({ examples: [{ width: 4, budget: { costUsd: 20 } }] }),
    issue: optional(z.strictObject({ budget: optional(budget) })).meta({
      description: 'What one issue may cost, over all its attempts.',
      examples: [{ budget: { costUsd: 5 } }],
    }),
    night: optional(z.strictObject({ budget: optional(budget) })).meta({
      description: 'What one machine may spend on this repository from noon to noon.',
      examples: [{ budget: { costUsd: 50 } }],
    }),
    prices: optional(prices),
    sandbox: optional(z.enum(['auto', 'required', 'off'])).meta({ examples: ['auto'] }),
  })
  .meta({ title: 'millrace.yaml', description: 'Configuration of a repository for Millrace; every line is optional.' });

/** `millrace.yaml` as it is written, parsed. */
export type WrittenConfig = z.infer<typeof configSchema>;

import { z } from 'zod';
import { forgeKinds } from '../../workflows/domain/forge-facts.ts';
import { landings, mergeMethods } from '../../workflows/domain/settings.ts';
import { durationText, optional, relativePath, word } from './values.ts';

/** What `forge` and `--forge` may be; `auto` looks at origin. */
export const forgeNames = ['auto', ...forgeKinds] as const;

/** Which forge keeps issues and pull requests. */
export const forgeSchema = z
  .union([
    z.enum(forgeNames),
    z.strictObject({
      kind: z.enum(forgeKinds).meta({ description: 'Which forge.', examples: ['gitea'] }),
      url: optional(word).meta({
        description: 'Address of the server as a browser has it; default: from origin.',
        examples: ['https://git.example.com'],
      }),
      repo: optional(word).meta({ description: '`OWNER/NAME`; default: from origin.', examples: ['acme/shop'] }),
    }),
  ])
  .meta({
    description:
      'The forge: one of the names, or what follows. Default `auto`: by origin, where one that holds a password is refused.',
    examples: ['local'],
  });

const branch = z
  .string()
  .regex(/^[^\s\u0000-\u001f\u007f~^:?*[\\-][^\s\u0000-\u001f\u007f~^:?*[\\]{0,249}$/, 'is not the name of a branch')
  .meta({ examples: ['main'] });

/** What becomes of approved work. */
export const landingSchema = z
  .union([
    z.enum(landings),
    z.strictObject({
      policy: optional(z.enum(landings)).meta({ description: 'As above; default `none`.', examples: ['merge'] }),
      method: optional(z.enum(mergeMethods)).meta({
        description:
          'How the forge puts a pull request onto its base; `local` and `direct` make merge commits only. Default `merge`.',
        examples: ['squash'],
      }),
      branches: optional(z.array(branch).min(1).max(100)).meta({
        description: 'Nothing is merged into any other branch; default: the base.',
        examples: [['main']],
      }),
      deleteBranch: optional(z.boolean()).meta({
        description: 'Whether the branch of a merged pull request is removed; default false.',
        examples: [true],
      }),
      protect: optional(z.array(relativePath).max(1000)).meta({
        description:
          "Globs: work that touches one waits for a person. Lock files are your choice. Default: CI, agents' instructions, `millrace.yaml`.",
        examples: [['.github/**', 'package-lock.json']],
      }),
    }),
  ])
  .meta({
    description:
      "What becomes of approved work: a policy, or what follows. `none`: a person merges. `merge`: merged by sha when the forge's checks are green. `auto-merge`: by the forge itself, where it can. `direct`: merged by sha on the newest base, without a pull request. `consolidated` is not there yet. Default `none`.",
    examples: ['none'],
  });

/** How CI of the forge is waited for. */
export const ciSchema = z
  .union([
    z.literal('off'),
    z.strictObject({
      timeout: optional(durationText).meta({
        description: 'Longest wait for the checks of one commit; default 60m.',
        examples: ['60m'],
      }),
      fixes: optional(z.number().int().min(0).max(10)).meta({
        description: 'Times that the agent may mend a red one; default 2.',
        examples: [2],
      }),
    }),
  ])
  .meta({
    description: 'Checks of the forge on what was pushed: `off`, or what follows. Without effect on `local`.',
    examples: [{ timeout: '60m', fixes: 2 }],
  });

const label = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not hold control characters')
  .meta({ examples: ['wontfix'] });

const labels = z.array(label).max(100);

/** Labels of issues that mean something. */
export const issuesSchema = z
  .strictObject({
    exclude: optional(labels).meta({
      description:
        'An issue with one of these labels is left alone. Default `wontfix`, `duplicate`, `invalid`, `question`, `millrace:skip`.',
      examples: [['wontfix', 'millrace:skip']],
    }),
    labels: optional(
      z.strictObject({
        inProgress: optional(label).meta({
          description: 'Set while an issue is worked on. Default `millrace:in-progress`; `null`: none.',
          examples: ['millrace:in-progress'],
        }),
        needsManualReview: optional(label).meta({
          description: 'Set while an issue waits for a person. Default `millrace:needs-manual-review`; `null`: none.',
          examples: ['millrace:needs-manual-review'],
        }),
      }),
    ).meta({ description: 'Labels that Millrace sets.', examples: [{ inProgress: 'millrace:in-progress' }] }),
    priorities: optional(
      z.strictObject({
        blocker: optional(labels).meta({
          description: 'Default `priority:blocker`, `priority/blocker`, `blocker`, `P0`.',
          examples: [['P0']],
        }),
        high: optional(labels).meta({
          description: 'Default `priority:high`, `priority/high`, `high`, `P1`.',
          examples: [['P1']],
        }),
        medium: optional(labels).meta({
          description: 'Default `priority:medium`, `priority/medium`, `P2`.',
          examples: [['P2']],
        }),
        low: optional(labels).meta({
          description: 'Default `priority:low`, `priority/low`, `low`, `P3`.',
          examples: [['P3']],
        }),
      }),
    ).meta({
      description: 'Labels that mean a priority, compared without case.',
      examples: [{ high: ['P1', 'urgent'] }],
    }),
  })
  .meta({
    description: 'Labels of issues on a forge.',
    examples: [{ exclude: ['wontfix', 'millrace:skip'] }],
  });

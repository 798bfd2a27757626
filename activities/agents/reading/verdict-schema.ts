import { z } from 'zod';

const finding = z.strictObject({
  file: z.string().meta({ description: 'Path in the repository; empty: the work as a whole.' }),
  line: z.int().nullable(),
  severity: z.enum(['critical', 'major', 'minor']),
  body: z.string().meta({ description: 'What is wrong, and what would be right.' }),
});

const verdict = z.strictObject({
  verdict: z.enum(['approved', 'needs-work']),
  summary: z.string().meta({ description: 'One to three sentences.' }),
  findings: z.array(finding),
  earlier: z
    .array(z.strictObject({ finding: z.string(), resolved: z.boolean() }))
    .meta({ description: 'A judgement of every earlier finding, by its fingerprint; empty in the first round.' }),
});

/**
 * JSON schema of a reviewer's answer, for tools that take one: every key required and none besides, as the strict modes
 * of the providers want it. The answer is parsed by `parseClaim` all the same.
 */
export const verdictSchema: string = JSON.stringify(z.toJSONSchema(verdict, { target: 'draft-7' }));

import { z } from 'zod';
import { configSchema } from '../config/schema.ts';
import { frontMatterSchema, planSchema, tasksSchema } from '../plan/schema.ts';

/** The JSON schemas of what users write, by their path in this project; editors complete and check with them. */
export function jsonSchemas(): Readonly<Record<string, string>> {
  return {
    'docs/millrace.schema.json': text(z.toJSONSchema(configSchema, { io: 'input' })),
    'docs/plan.schema.json': text({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'A plan for Millrace: plan.yaml or tasks.json',
      anyOf: [inner(planSchema), inner(tasksSchema)],
      $defs: { frontMatter: inner(frontMatterSchema) },
    }),
  };
}

function inner(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

function text(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

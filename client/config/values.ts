import { z } from 'zod';

/** A line that may be missing or left empty. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish();

/** Text without control characters, which would end an argument or a line of a message. */
export const word = z
  .string()
  .min(1)
  .max(4000)
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not hold control characters');

/** `45m`: a number with its unit. */
export const durationText = z
  .string({ error: 'must be a duration with its unit' })
  .regex(/^\d{1,9}(\.\d{1,3})?(ms|s|m|h)$/, 'must be a duration with its unit (ms, s, m or h)')
  .meta({ examples: ['45m'] });

/** A file, folder or glob, relative to the root of the repository. */
export const relativePath = z
  .string()
  .min(1)
  .max(4000)
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not hold control characters')
  .refine((path) => !path.startsWith('/') && !path.split(/[\\/]/).includes('..'), {
    message: 'must be a path inside the repository',
  })
  .refine((path) => path.split(/[\\/]/)[0] !== '.git', { message: 'must not be in .git' });

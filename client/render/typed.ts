import { delimiter, dirname } from 'node:path';
import { shellWord } from '../../workflows/domain/host/shell.ts';
import type { Environment } from '../state/folders.ts';

/** How a person types another command of ours from here: through `npm run`, by name, or by its whole path. */
export function typed(verb: string, from: { readonly env: Environment; readonly program: string }): string {
  const { env, program } = from;
  // npm 10 calls the command `run-script`, npm 11 `run`.
  if (['run-script', 'run'].includes(env['npm_command'] ?? '')) return `npm run ${verb} --`;
  // npx adds its own folder to PATH, and removes it afterwards.
  const isOnPath = env['PATH']?.split(delimiter).includes(dirname(program)) && env['npm_command'] !== 'exec';
  return `${isOnPath ? 'millrace' : shellWord(program)} ${verb}`;
}

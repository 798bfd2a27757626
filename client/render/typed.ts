import { delimiter, dirname } from 'node:path';
import { shellWord } from '../../workflows/domain/host/shell.ts';
import type { Environment } from '../state/folders.ts';

/** How a person reaches another command of ours from where they called this one: `npm run`, the name, or the whole path. */
export function typed(verb: string, from: { readonly env: Environment; readonly program: string }): string {
  const { env, program } = from;
  if (env['npm_command'] === 'run-script') return `npm run ${verb} --`;
  // npx has a folder of its own on PATH, which is not there afterwards.
  const isOnPath = env['PATH']?.split(delimiter).includes(dirname(program)) && env['npm_command'] !== 'exec';
  return `${isOnPath ? 'millrace' : shellWord(program)} ${verb}`;
}

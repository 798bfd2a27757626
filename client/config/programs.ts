import { execa } from 'execa';
import type { Profile } from '../../workflows/domain/settings.ts';

/** The program that a profile starts: a name, an absolute path, or a path in the worktree. */
export function programOf(profile: Profile): string {
  return profile.run[0] ?? (profile.agent === 'command' ? '' : profile.agent);
}

/** Where a shell finds a program that is named in `folder`; null: nowhere, or it may not be run. */
export async function findProgram(program: string, folder: string): Promise<string | null> {
  const found = await execa('sh', ['-c', 'command -v -- "$1"', 'sh', program], { cwd: folder, reject: false });
  return found.exitCode === 0 ? found.stdout : null;
}

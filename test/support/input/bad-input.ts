import { join } from 'node:path';
import { badConfigs } from './bad-config.ts';
import { badFlags } from './bad-flag.ts';
import { badPlans } from './bad-plan.ts';
import { goodFiles } from './good-input.ts';
import { git, makeRepository, writeFiles, type Files } from '../git/user-repository.ts';

/** Input that is refused at the door: what lies in the repository, what is typed, and what the answer has to say. */
export interface BadInput {
  readonly title: string;
  /** Over `goodFiles`; committed on main. */
  readonly files?: Files;
  /** In the working tree only. */
  readonly uncommitted?: Files;
  /** What follows `start-batch`; default: the good plan. */
  readonly args?: readonly string[];
  /** `none`: a folder without git; `unborn`: no commit yet. Default: one commit. */
  readonly repository?: 'none' | 'unborn';
  /** URL of the remote `origin`. */
  readonly origin?: string;
  /** Where and how to mend, at least; all of these are in the answer. */
  readonly says: readonly string[];
}

/** All of it; each entry says what is wrong in its title. */
export const badInputs: readonly BadInput[] = [...badConfigs, ...badPlans, ...badFlags];

/** Lays one out below an empty folder; answers with the repository, which is where its `args` are typed. */
export async function layBadInput(folder: string, bad: BadInput): Promise<string> {
  const repository = join(folder, 'repository');
  const files = { ...goodFiles, ...bad.files };
  if (bad.repository === undefined) {
    // Only what Millrace is told, and the agent that it names, is read from a commit.
    const committed = ['millrace.yaml', 'agent.mjs'];
    const told = Object.entries(files).filter(([path]) => committed.includes(path) || path.startsWith('.millrace/'));
    await makeRepository(repository, Object.fromEntries(told));
  } else if (bad.repository === 'unborn') {
    await git(folder, 'init', '--quiet', '--initial-branch=main', repository);
  }
  if (bad.origin !== undefined) await git(repository, 'remote', 'add', 'origin', bad.origin);
  await writeFiles(repository, { ...files, ...bad.uncommitted });
  return repository;
}

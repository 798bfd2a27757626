import { agentFacts, suggestedAgent } from '../../../workflows/domain/agent-facts.ts';
import type { Problem } from '../../input/errors.ts';
import { findProgram, type LookIn } from './programs.ts';
import type { FoundConfig } from '../read.ts';

/** What a repository without any profile is told: the agents of this machine, and lines to paste that use one of them. */
export async function noProfile({ source, exists }: FoundConfig, lookIn: LookIn): Promise<Problem> {
  const kinds = Object.keys(agentFacts) as (keyof typeof agentFacts)[];
  const paths = await Promise.all(kinds.map((kind) => findProgram(kind, lookIn)));
  const found = kinds.filter((_, index) => paths[index] !== null);
  const file = exists
    ? `add to ${source.name}:`
    : 'write `millrace.yaml` into the repository (or elsewhere, and give `--config FILE`):';
  return {
    where: exists ? source.at(['profiles']) : source.name,
    what: exists
      ? 'there is no profile: no agent to run'
      : 'this repository has no such file, so there is no profile: no agent to run',
    mend: (found[0] === undefined
      ? [
          `none of ${kinds.join(', ')} is on PATH: install one (\`${agentFacts[suggestedAgent].install}\`), log in to it, then ${file}`,
          ...profileLines(suggestedAgent),
          'or with a program of your own:',
          '    profiles:',
          '      mine: { agent: command, run: [/path/to/program] }',
        ]
      : [`found on this machine: ${found.join(', ')}; ${file}`, ...profileLines(found[0])]
    ).join('\n'),
  };
}

/** The least file that runs an agent: it implements, and reviews what it did in another session. */
function profileLines(kind: string): readonly string[] {
  return ['    profiles:', `      main: { agent: ${kind} }`];
}

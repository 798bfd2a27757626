import type { Files } from '../git/user-repository.ts';

/** The least that a configuration needs. */
export const goodConfig = 'profiles:\n  script: { agent: command, run: [node, agent.mjs] }\n';

/** A `plan.yaml` of tasks, one a line from line 4 on. */
export function planOf(...tasks: readonly string[]): string {
  return `metadata:\n  name: test\ntasks:\n${tasks.map((task) => `  - ${task}\n`).join('')}`;
}

/** A configuration and a plan with which nothing is wrong. */
export const goodFiles: Files = {
  'millrace.yaml': goodConfig,
  'agent.mjs': '',
  'plan.yaml': planOf('{ id: a, file: tasks/a.md }', '{ id: b, file: tasks/b.md, dependencies: [a] }'),
  'tasks/a.md': '---\nid: a\nstatus: pending\n---\n# Do a\n',
  'tasks/b.md': '# Do b\n',
};

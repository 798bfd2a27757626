import type { Role } from '../../workflows/domain/settings.ts';

const where = `Print it on standard output as one line of JSON, or write it to the file that the environment variable MILLRACE_RESULT_FILE names:`;

const work = `When you are done, say how it went. ${where}
{"type":"result","status":"completed","summary":"what you changed, in one to three sentences"}
\`status\` is \`completed\`; \`no-change\` when the issue is already done (say where); \`failed\` when it cannot be done (say why).`;

const verdict = `When you are done, give your verdict. ${where}
{"type":"result","verdict":"needs-work","summary":"one to three sentences","findings":[{"file":"src/a.ts","line":12,"severity":"major","body":"what is wrong, and what would be right"}]}
\`verdict\` is \`approved\` or \`needs-work\`, nothing else; \`approved\` needs no findings. \`line\` may be null, \`file\` empty for the work as a whole.`;

/** How an agent hands over its result in a role. */
export function answerFor(role: Role): string {
  switch (role) {
    case 'implement':
    case 'fix':
    case 'resolve':
    case 'triage':
      return work;
    case 'review':
      return verdict;
  }
}

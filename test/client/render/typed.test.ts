import { expect, test } from 'vitest';
import { typed } from '../../../client/render/typed.ts';

test.each([
  ['by npm 10 run', { npm_command: 'run-script', PATH: '/usr/bin' }, '/x/client/main.ts', 'npm run resume --'],
  ['by npm 11 run', { npm_command: 'run', PATH: '/usr/bin' }, '/x/client/main.ts', 'npm run resume --'],
  ['by its name', { PATH: '/bin:/opt/bin' }, '/opt/bin/millrace', 'millrace resume'],
  [
    'by npx',
    { npm_command: 'exec', PATH: '/c/_npx/1/bin:/bin' },
    '/c/_npx/1/bin/millrace',
    '/c/_npx/1/bin/millrace resume',
  ],
  ['by its path', { PATH: '/bin' }, '/my tools/millrace', "'/my tools/millrace' resume"],
])('called %s, another command is reached the same way', (_how, env, program, words) => {
  expect(typed('resume', { env, program })).toBe(words);
});

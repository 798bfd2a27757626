import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHome, type Home } from '../../support/e2e/e2e.ts';
import { createProject } from '../../support/e2e/project.ts';

let home: Home;
beforeAll(async () => void (home = await createHome()));
afterAll(() => home.remove());

test('a configuration with a fault is broken, as start-batch refuses it; none at all is only said', async () => {
  const project = await createProject(home, { issues: [{ id: 'one' }] });
  const wrong = join(home.root, 'wrong.yaml');
  await writeFile(wrong, 'version: 1\nprofils: {}\n');
  const faulty = await home.run(['doctor', '-C', project.repository, '--config', wrong]);
  expect(faulty).toMatchObject({ code: 1, out: expect.stringMatching(/^✗ configuration: \S*wrong\.yaml:2:1: /m) });
  const nowhere = await home.run(['doctor', '-C', home.root]);
  expect(nowhere).toMatchObject({ code: 0, out: expect.stringMatching(/^! configuration: .*not a git repository/m) });
}, 60_000);

import { setMaxListeners } from 'node:events';
import { text } from 'node:stream/consumers';
import { createArtifactStore } from '../activities/artifact.ts';
import type { Forge } from '../activities/forges/forge.ts';
import { forgeFor } from '../activities/forges/index.ts';
import { runHere, startProgramsBy } from '../activities/program.ts';
import { refusalOf } from '../activities/refusal.ts';
import { selectIssues } from '../activities/select.ts';
import { stateRoot } from '../client/state.ts';
import type { DoorAnswer, DoorQuestion } from '../workflows/domain/door.ts';
import { stateLayout } from '../workflows/domain/layout.ts';
import type { Settings } from '../workflows/domain/settings.ts';

// One question as JSON on stdin, one answer as JSON on stdout, by whoever has the user's credentials in its environment.
// It asks forges for the command line, which would have to start a worker for that, and with it everything that waits.

// Whoever asked may go away: then nothing that was started for the answer goes on.
const gone = new AbortController();
setMaxListeners(0, gone.signal); // one for each program that runs
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    gone.abort();
    process.exit(130);
  });
}
startProgramsBy((spec) => runHere(spec, gone.signal));

const question = JSON.parse(await text(process.stdin)) as DoorQuestion;
process.stdout.write(`${JSON.stringify(await answer(question))}\n`);

async function answer(asked: DoorQuestion): Promise<DoorAnswer> {
  try {
    const forge = await forgeOf(asked.settings);
    switch (asked.kind) {
      case 'select':
        return await selectIssues(forge, { ...asked, now: Date.now() });
      case 'inspect':
        return { kind: 'inspected', inspection: await forge.inspect(asked.settings.repository.base) };
    }
  } catch (error) {
    return refusalOf(error);
  }
}

function forgeOf(settings: Settings): Promise<Forge> {
  const { key } = settings.repository;
  const layout = stateLayout(stateRoot(process.env)).repository(key);
  return forgeFor({ key, settings, layout, artifacts: createArtifactStore(layout) });
}

import { setMaxListeners } from 'node:events';
import { text } from 'node:stream/consumers';
import { mustTakeWork } from '../activities/intake/admission.ts';
import { createCredentials } from '../activities/credentials/index.ts';
import { createForges } from '../activities/forges/index.ts';
import { runHere, startProgramsBy } from '../activities/process/program.ts';
import { refusalOf } from '../activities/failure/refusal.ts';
import { repositoryOf } from '../activities/repository/repository.ts';
import { selectIssues } from '../activities/intake/select.ts';
import { acquireLock } from '../client/state/lock.ts';
import { paceRoot } from '../client/state/pace.ts';
import { cacheRoot, stateRoot } from '../client/state/folders.ts';
import { hasServer } from '../workflows/domain/forge-facts.ts';
import type { ForgeAnswer, ForgeQuestion } from '../workflows/domain/forge/forge-question.ts';

// Reads one question as JSON from stdin and writes one answer as JSON to stdout, with the user's credentials in its
// environment. It saves the command line from starting a worker, and with it all work that waits, to ask a forge.

// When the asking command goes away, everything that was started for the answer ends.
const gone = new AbortController();
setMaxListeners(0, gone.signal); // one listener for each program that runs
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    gone.abort();
    process.exit(130);
  });
}
startProgramsBy((spec) => runHere(spec, gone.signal));

const question = JSON.parse(await text(process.stdin)) as ForgeQuestion;
process.stdout.write(`${JSON.stringify(await answer(question))}\n`);

async function answer(asked: ForgeQuestion): Promise<ForgeAnswer> {
  try {
    const repository = repositoryOf(stateRoot(process.env), asked.settings, createCredentials(process.env));
    const forge = await createForges({ root: paceRoot(cacheRoot(process.env)), lock: acquireLock })(repository);
    switch (asked.kind) {
      case 'select':
        if (hasServer(asked.settings.forge)) await mustTakeWork(forge, asked.settings, { issues: true });
        return await selectIssues(forge, { ...asked, now: Date.now() });
      case 'admit':
        await mustTakeWork(forge, asked.settings, { issues: false });
        return { kind: 'admitted' };
      case 'inspect':
        return {
          kind: 'inspected',
          inspection: await forge.inspect(asked.settings.repository.base),
          credential: (await repository.credential?.())?.source ?? null,
        };
    }
  } catch (error) {
    return refusalOf(error);
  }
}

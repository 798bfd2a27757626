import { describe } from 'vitest';
import { forgeBehaviour } from '../support/forge/forge-behaviour.ts';
import { openLiveStage } from '../support/live/stage.ts';
import { liveTargets } from '../support/live/target.ts';

// Only on throw-away repositories that have a branch `main`, named by MILLRACE_LIVE_GITHUB (OWNER/NAME) and
// MILLRACE_LIVE_GITEA (https://HOST/OWNER/NAME), with a credential where Millrace itself looks for one. What is made
// there is closed or deleted at the end; merged commits stay on `main`, and a last one takes their files back.

for (const { name, variable, target } of liveTargets(process.env)) {
  describe.skipIf(target === null)(target ? `on ${target.place.url}` : `without ${variable}`, () => {
    forgeBehaviour(name, () => openLiveStage(target!));
  });
}

// Runs one attempt in a process of its own, for tests that kill it: `attempt-worker.ts SPEC.json`.
import { readFileSync } from 'node:fs';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createAgentActivities } from '../../../activities/agent.ts';
import { createRepositories } from '../../../activities/repository/repository.ts';
import { createSlots } from '../../../activities/host/slots.ts';
import type { AttemptInput, AttemptResult } from '../../../workflows/domain/attempt.ts';

const spec = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as {
  readonly state: string;
  readonly input: AttemptInput;
};
const { runAgent } = createAgentActivities({
  repositories: createRepositories(spec.state),
  slots: createSlots(1),
  host: 'here',
  log: { info: () => {}, warn: () => {} },
});
await new MockActivityEnvironment().run<[AttemptInput], AttemptResult, typeof runAgent>(runAgent, spec.input);

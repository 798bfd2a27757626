import type { HostActivities, MainActivities } from '../../activities/index.ts';
import { noUsage, type AttemptInput, type AttemptResult } from '../../workflows/domain/attempt.ts';
import type { PlanIssue } from '../../workflows/domain/issue.ts';
import type { LandResult } from '../../workflows/domain/delivery.ts';

/** What a scripted world answers; every hook may be left out, and then all goes well at the first try. */
export interface Script {
  readonly prepare?: HostActivities['prepareIssue'];
  readonly agent?: (input: AttemptInput) => Promise<Partial<AttemptResult>> | Partial<AttemptResult>;
  readonly checks?: (head: string, call: number) => boolean;
  readonly land?: (key: string) => LandResult;
}

/** Activities that act on nothing but memory: for workflow tests and for measuring the workflows alone. */
export function createMemoryActivities(issues: readonly PlanIssue[], script: Script = {}) {
  const log: string[] = [];
  const running = new Set<string>();
  let most = 0;
  let checked = 0;
  const document = { sha256: '0'.repeat(64), bytes: 1 };
  const note = (what: string) => void log.push(what);

  const host: HostActivities = {
    async prepareIssue(input) {
      note(`prepare ${input.issue.key}`);
      const prepared = await script.prepare?.(input);
      return (
        prepared ?? {
          kind: 'ready',
          host: 'memory',
          title: `title of ${input.issue.id}`,
          branch: `millrace/${input.issue.key}`,
          base: { branch: 'main', sha: 'base', start: input.dependencies[0]?.sha ?? 'base' },
          attempt: 1,
          pullRequest: null,
        }
      );
    },
    async runAgent(input) {
      note(`${input.role} ${input.issue.key}`);
      running.add(input.issue.key);
      most = Math.max(most, running.size);
      try {
        const answer = (await script.agent?.(input)) ?? {};
        const end =
          input.role === 'review'
            ? ({ kind: 'reviewed', verdict: 'approved', findings: 0, review: document } as const)
            : ({ kind: 'worked', claim: 'completed' } as const);
        return {
          version: 1,
          end,
          session: input.session.id,
          head: input.role === 'review' ? input.head : `${input.issue.key}-${input.attempt}`,
          changed: input.role !== 'review',
          ref: `refs/millrace/${input.issue.key}/${input.attempt}`,
          summary: 'done',
          usage: noUsage,
          durationMs: 1,
          ...answer,
        };
      } finally {
        running.delete(input.issue.key);
      }
    },
    async runChecks(input) {
      note(`check ${input.issue.key}`);
      const passed = script.checks?.(input.head, ++checked) ?? true;
      return { passed, checks: [{ name: 'test', passed, durationMs: 1 }], document };
    },
    async publishWork(input) {
      note(`publish ${input.issue.key} ${input.head}`);
    },
    async cleanUp() {
      return { version: 1, items: [] };
    },
    async removeWorktree(input) {
      note(`remove ${input.issue.key}`);
    },
  };

  const main: MainActivities = {
    async loadPlan({ cursor }) {
      const page = issues.slice(cursor, cursor + 500);
      const next = cursor + page.length;
      return { issues: [...page], skips: [], next: next < issues.length ? next : null };
    },
    async listOpenIssues({ keys }) {
      return [...keys];
    },
    async openPullRequest(input) {
      note(`pull ${input.issue.key}`);
      return { number: 1 + issues.findIndex((issue) => issue.key === input.issue.key), url: null };
    },
    async acceptWork(input) {
      note(`accept ${input.issue.key}`);
    },
    async recordOutcome(input) {
      note(`record ${input.issue.key} ${input.outcome.kind}`);
    },
    async listPulls() {
      return [];
    },
    async postReview(input) {
      note(`post ${input.issue.key} ${input.round}`);
    },
    async landPullRequest(input) {
      note(`land ${input.issue.key}`);
      return script.land?.(input.issue.key) ?? { kind: 'landed', sha: `landed-${input.issue.key}` };
    },
  };
  return { host, main, log, most: () => most };
}

/** An issue of a plan, with what a test says about it. */
export function planned(id: string, facts: Partial<PlanIssue> = {}): PlanIssue {
  return { id, key: id, title: `Issue ${id}`, priority: 'medium', dependencies: [], files: [], ...facts };
}

import type {
  AttemptInput,
  AttemptResult,
  ChecksInput,
  ChecksResult,
  PrepareInput,
  Prepared,
} from '../workflows/domain/attempt.ts';
import type {
  LandInput,
  LandResult,
  OpenPullRequestInput,
  PostReviewInput,
  PublishInput,
  PullRequestRef,
  RemoveInput,
} from '../workflows/domain/delivery.ts';

// Provisional: replaced by ReturnType<typeof createX>.
export interface HostActivities {
  prepareIssue(input: PrepareInput): Promise<Prepared>;
  runAgent(input: AttemptInput): Promise<AttemptResult>;
  runChecks(input: ChecksInput): Promise<ChecksResult>;
  publishWork(input: PublishInput): Promise<void>;
  removeWorktree(input: RemoveInput): Promise<void>;
}
export interface MainActivities {
  loadPlan(input: {
    repo: string;
    settings: string;
    plan: string;
    cursor: number;
  }): Promise<{
    issues: import('../workflows/domain/issue.ts').PlanIssue[];
    skips: { key: string; reason: string }[];
    next: number | null;
  }>;
  listOpenIssues(input: { repo: string; keys: readonly string[] }): Promise<string[]>;
  openPullRequest(input: OpenPullRequestInput): Promise<PullRequestRef>;
  postReview(input: PostReviewInput): Promise<void>;
  landPullRequest(input: LandInput): Promise<LandResult>;
}

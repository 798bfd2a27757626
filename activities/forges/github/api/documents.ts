/** What only GraphQL can do, as documents that GitHub's public schema allows. */

/** Asks who we are. */
export const viewerQuery = `query { viewer { login databaseId } }`;

/** Asks when the text and the title of an issue were last edited. */
export const textEditsQuery = `query ($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    issue(number: $number) {
      lastEditedAt
      timelineItems(last: 1, itemTypes: [RENAMED_TITLE_EVENT]) {
        nodes { ... on RenamedTitleEvent { createdAt } }
      }
    }
  }
}`;

/** Asks which pull requests close an issue when they are merged. */
export const linkedQuery = `query ($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    issue(number: $number) {
      closedByPullRequestsReferences(first: 50, includeClosedPrs: true) {
        nodes { number repository { nameWithOwner } }
      }
    }
  }
}`;

/** Asks for the review threads of a pull request, page by page. */
export const threadsQuery = `query ($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          isResolved
          comments(first: 1) {
            nodes {
              fullDatabaseId
              body
              author { login ... on User { databaseId } ... on Bot { databaseId } }
            }
          }
        }
      }
    }
  }
}`;

/** What is done to one thread. */
export interface Settlement {
  /** Its node id. */
  readonly thread: string;
  /** Null: it has its answer. */
  readonly reply: string | null;
  readonly resolve: boolean;
}

/** One request for many threads; texts and ids are variables, so none of them is part of the document. */
export function settlement(threads: readonly Settlement[]): {
  readonly document: string;
  readonly variables: Readonly<Record<string, string>>;
} {
  const [declared, changes]: [string[], string[]] = [[], []];
  const variables: Record<string, string> = {};
  for (const [index, { thread, reply, resolve }] of threads.entries()) {
    declared.push(`$thread${index}: ID!`);
    variables[`thread${index}`] = thread;
    if (reply !== null) {
      declared.push(`$reply${index}: String!`);
      variables[`reply${index}`] = reply;
      const input = `{ pullRequestReviewThreadId: $thread${index}, body: $reply${index} }`;
      changes.push(`reply${index}: addPullRequestReviewThreadReply(input: ${input}) { comment { id } }`);
    }
    if (resolve)
      changes.push(`resolve${index}: resolveReviewThread(input: { threadId: $thread${index} }) { thread { id } }`);
  }
  return { document: `mutation (${declared.join(', ')}) {\n  ${changes.join('\n  ')}\n}`, variables };
}

/** Schedules a merge on green. */
export const scheduleMutation = `mutation ($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { number } }
}`;

/** Takes a scheduled merge back. */
export const unscheduleMutation = `mutation ($pullRequestId: ID!) {
  disablePullRequestAutoMerge(input: { pullRequestId: $pullRequestId }) { pullRequest { number } }
}`;

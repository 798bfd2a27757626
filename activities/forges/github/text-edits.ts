import { z } from 'zod';
import type { GithubClient } from './api/client.ts';
import { textEditsQuery } from './api/documents.ts';
import * as schema from './api/schema.ts';

const edits = z.object({
  repository: z.object({
    issue: z.object({
      lastEditedAt: schema.time.nullable(),
      timelineItems: z.object({ nodes: z.array(z.object({ createdAt: schema.time })) }),
    }),
  }),
});

/** When title or body of an issue were last edited; REST only tells when anything at all happened. */
export async function textEditedAt(client: GithubClient, number: number): Promise<number | null> {
  const query = { name: 'the last edit of an issue', document: textEditsQuery, variables: { ...client.at, number } };
  const { lastEditedAt, timelineItems } = (await client.graphql(edits, query)).repository.issue;
  const times = [
    ...(lastEditedAt === null ? [] : [lastEditedAt]),
    ...timelineItems.nodes.map((each) => each.createdAt),
  ];
  return times.length === 0 ? null : Math.max(...times);
}

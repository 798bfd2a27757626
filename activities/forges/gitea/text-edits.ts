import { issueAnswer, timelineAnswer } from './answers.ts';
import { numberSegment } from './client.ts';
import type { GiteaContext } from './context.ts';

const SECOND = 1_000;

/**
 * When title or body may last have been edited. Gitea tells when a title changed and how often a body did, Forgejo not
 * even that. Only browsers see when a body was edited, so the last time that anything happened stands in.
 */
export async function textEditedAt({ client }: GiteaContext, number: number): Promise<number | null> {
  const path = `${client.repository}/issues/${numberSegment(number)}`;
  const { content_version: edits, updated_at: updatedAt } = await client.get(path, issueAnswer);
  const events = await client.list(`${path}/timeline`, timelineAnswer);
  const renames = events.filter(({ type }) => type === 'change_title').map((each) => each.created_at);
  if (edits === 0) return renames.length === 0 ? null : Math.max(...renames);
  // Setting a label moves that time too, and the edit is then compared with the label.
  const isByLabel = events.some(({ type, created_at: at }) => type === 'label' && at === updatedAt);
  return Math.max(isByLabel ? updatedAt - SECOND : updatedAt, ...renames);
}

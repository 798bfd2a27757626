import type { Session } from '../session/session.ts';
import type { RunName } from '../issue/read-record.ts';

/**
 * Address of the page that shows where a batch or an issue stands and what to type next; null where we know no Web UI.
 * It is the tab of the current details. The address of the workflow alone opens its time line, whose entries are sha256
 * names; and the tab has no address without a run.
 */
export function pageOf(session: Pick<Session, 'ui' | 'namespace'>, { workflowId, runId }: RunName): string | null {
  if (session.ui === null) return null;
  const parts = [session.namespace, 'workflows', workflowId, runId].map(encodeURIComponent);
  return `${session.ui}/namespaces/${parts.join('/')}/user-metadata`;
}

import { ForgeError } from '../../failure/forge-error.ts';
import type { IssueIdentity } from '../identity.ts';
import type { Closing } from '../issue.ts';
import type { Records } from './records.ts';
import { issueRecord, type IssueRecord } from './schema.ts';

/** What is kept about a plan's issues: how each text was closed, and the comments on it. */
export interface IssueStore {
  read(issue: IssueIdentity): Promise<IssueRecord>;
  /** Reads, changes and writes with no other writer in between; not inside `alone`. */
  update(issue: IssueIdentity, change: (record: IssueRecord) => IssueRecord): Promise<void>;
}

/** The issues in `records`; an unknown one is empty. */
export function createIssueStore(records: Records): IssueStore {
  const read = async (issue: IssueIdentity): Promise<IssueRecord> => {
    const fresh: IssueRecord = { version: 1, id: issue.id, key: issue.key, closings: [], comments: [] };
    return (await records.read(pathOf(issue), issueRecord)) ?? fresh;
  };
  return {
    read,
    update: (issue, change) =>
      records.alone(async () => {
        const record = await read(issue);
        const changed = change(record);
        if (changed !== record) await records.write(pathOf(issue), changed);
      }),
  };
}

/** The record with this text closed; the first reason counts. */
export function closed(record: IssueRecord, textHash: string, closing: Closing): IssueRecord {
  if (record.closings.some((each) => each.textHash === textHash)) return record;
  return { ...record, closings: [...record.closings, { textHash, ...closing }] };
}

function pathOf(issue: IssueIdentity): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(issue.key)) return `issues/${issue.key}`;
  throw new ForgeError('invalid', `not the key of an issue: ${JSON.stringify(issue.key.slice(0, 80))}`);
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import type { BatchView } from '../batch/view.ts';
import { reportText } from './report.ts';

/** Writes the report of a settled batch to the state folder, for the morning. Returns its path. */
export async function writeReport(stateRoot: string, view: BatchView): Promise<string> {
  const { reports } = stateLayout(stateRoot);
  await mkdir(reports, { recursive: true, mode: 0o700 });
  const path = join(reports, `${view.batch}.md`);
  await writeFileAtomic(path, reportText(view), { mode: 0o600 });
  return path;
}

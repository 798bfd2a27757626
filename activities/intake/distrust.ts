import type { Skip } from '../../workflows/domain/plan/selection.ts';
import { visibleLine } from '../text/visible.ts';
import type { Forge } from '../forges/forge.ts';
import type { ForgeIssue } from '../forges/issue.ts';
import type { Trust } from './trust.ts';

/** Who is asked, and the labels that select: who sets one of them hands the issue over. */
export interface Handing {
  readonly forge: Pick<Forge, 'labelSetters' | 'textEditedAt'>;
  readonly trust: Trust;
  readonly labels: readonly string[];
}

/** Why nobody who may has handed an issue over as it stands; null: somebody has. */
export async function distrust(issue: ForgeIssue, { forge, trust, labels }: Handing): Promise<Skip | null> {
  if (await trust.wrote(issue)) return null;
  const no = `its author ${visibleLine(issue.author.login, 60)} has no write access here`;
  if (labels.length === 0) return skipped(`${no}: read it, set a label, and select by that: \`--label\``);
  const selecting = new Set(labels.map((label) => label.toLowerCase()));
  let newest: { readonly label: string; readonly at: number } | null = null;
  for (const { label, by, at } of await forge.labelSetters(issue.number)) {
    if (!selecting.has(label.toLowerCase()) || !(await trust.writes(by))) continue;
    if (newest === null || at > newest.at) newest = { label, at };
  }
  if (newest === null) return skipped(`${no}: nor has who set the label`);
  // Asked after the text was read: an edit in between is seen, a later one is in no text that we have.
  const editedAt = await forge.textEditedAt(issue.number);
  if (editedAt === null || secondOf(editedAt) < secondOf(newest.at)) return null;
  const when = `after the label ${visibleLine(newest.label, 60)} was set on ${timeOf(newest.at)}`;
  return skipped(`${no}, and it was changed ${when}: read it again and set the label anew`);
}

/** Forges tell whole seconds, so that what happened in one may have happened in either order. */
function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function skipped(reason: string): Skip {
  return { reason, satisfies: false };
}

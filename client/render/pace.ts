import { mostContent } from '../../workflows/domain/forge/pace.ts';
import type { PaceView } from '../state/pace.ts';
import { cleanLine } from '../../workflows/domain/words.ts';

/** One line about what is left of a credential's limits. */
export function paceLine(view: PaceView): string {
  const { limit, remaining, resetsAt, writesLastHour, blockedUntil } = view;
  const until = resetsAt === null ? '' : ` until ${clock(resetsAt)}`;
  const left =
    limit === null || remaining === null
      ? 'no limit of requests is told'
      : `${count(remaining)} of ${count(limit)} requests left${until}`;
  const content = `${count(writesLastHour)}${limit === null ? '' : ` of ${count(mostContent)}`} writes in the last hour`;
  const block = blockedUntil === null ? '' : `; it takes none until ${clock(blockedUntil)}`;
  return `${cleanLine(`${view.server} (${view.source})`, 120)}: ${left}, ${content}${block}`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** Local time of day. */
function clock(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}

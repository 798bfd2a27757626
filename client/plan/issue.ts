import { createHash } from 'node:crypto';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import type { Problem } from '../input/errors.ts';
import { cleanLine, cleanText } from '../../workflows/domain/words.ts';
import { quote } from '../input/text.ts';
import type { Entry } from './entry.ts';
import { extraText } from './extra.ts';
import { issueKey } from './key.ts';

/** Longest id: it is shown in tables and in the Web UI. */
const ID_LENGTH = 100;

/** Longest title; forges cut it at 255 bytes. */
const TITLE_LENGTH = 120;

/** The issue that the batch, the agents and the forge get for an entry; only valid if `issueProblems` finds nothing. */
export function createIssue(entry: Entry): IssueDocument {
  const id = entry.id.normalize('NFC');
  const { fields, extra } = entry;
  const written = textOf(entry);
  const name = fields.name ?? (typeof extra.title === 'string' ? extra.title : '');
  const title = titleOf({ id, name, body: written });
  const body = written + cleanText(extraText(extra));
  return {
    id,
    key: issueKey(id),
    title,
    priority: fields.priority ?? 'medium',
    dependencies: [...new Set((fields.dependencies ?? []).map((each) => String(each).normalize('NFC')))],
    files: [...new Set(filesOf(entry))],
    body,
    labels: [...new Set((fields.labels ?? []).map((label) => cleanLine(label, 100)).filter((label) => label !== ''))],
    ...(fields.issue == null ? {} : { number: Number(String(fields.issue).replace('#', '')) }),
    skip: fields.status === 'completed' ? `status: completed (${entry.at('status')})` : null,
    textHash: createHash('sha256').update(`${title}\n\n${body}`).digest('hex'),
  };
}

/** What is wrong with the id, the text and the paths of an entry. */
export function issueProblems(entry: Entry): readonly Problem[] {
  const id = entry.id.normalize('NFC');
  return [...idProblems(id, entry), ...bodyProblems(id, entry), ...fileProblems(filesOf(entry), entry)];
}

function textOf({ body }: Entry): string {
  return cleanText(body ?? '').trim();
}

function filesOf({ fields }: Entry): readonly string[] {
  return (fields.files ?? []).map((file) => file.trim().replace(/^(\.\/)+/, ''));
}

function titleOf(issue: { readonly id: string; readonly name: string; readonly body: string }): string {
  const heading = /^#{1,6}[ \t]+(.+?)[ \t]*#*$/m.exec(issue.body)?.[1] ?? '';
  const candidates = [issue.name, heading, issue.body.split('\n', 1)[0]!, issue.id];
  return candidates.map((each) => cleanLine(each, TITLE_LENGTH)).find((each) => each !== '') ?? '';
}

function idProblems(id: string, entry: Entry): readonly Problem[] {
  const where = entry.at('id');
  if (id.trim() === '') return [{ where, what: 'the id is empty', mend: 'write for example `id: task-1`' }];
  if (id.length > ID_LENGTH) {
    const what = `the id ${quote(id)} has more than ${ID_LENGTH} characters`;
    return [{ where, what, mend: 'choose a shorter id, and write the rest as `name`' }];
  }
  if (cleanText(id) === id && !/[\n\t]/.test(id) && id.trim() === id) return [];
  const what = `the id ${quote(id)} holds control characters, invisible ones, or spaces around it`;
  return [{ where, what, mend: 'write it anew with visible characters' }];
}

function bodyProblems(id: string, entry: Entry): readonly Problem[] {
  if (entry.body === null || textOf(entry) !== '') return [];
  const what = `there is no text that says what to do for ${quote(id)}`;
  return [{ where: entry.at('id'), what, mend: 'write some lines of Markdown into its task file or instructions' }];
}

function fileProblems(files: readonly string[], entry: Entry): readonly Problem[] {
  return files.flatMap((file, index) =>
    file !== '' && cleanLine(file, 4000) === file && !file.startsWith('/') && !file.split('/').includes('..')
      ? []
      : [
          {
            where: entry.at('files', index),
            what: `${quote(file)} is not a path inside the repository`,
            mend: 'write it from the root of the repository: `src/login.ts`, `src/`, `docs/**/*.md`',
          },
        ],
  );
}

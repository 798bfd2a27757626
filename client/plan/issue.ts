import { createHash } from 'node:crypto';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { UsageError, type Problem } from '../input/errors.ts';
import { cleanLine, cleanText } from '../../workflows/domain/words.ts';
import { quote } from '../input/text.ts';
import type { Entry } from './entry.ts';
import { extraText } from './extra.ts';
import { issueKey } from './key.ts';

/** Longest id: it is shown in tables and in the Web UI. */
const ID_LENGTH = 100;

/** Longest title: forges cut at 255 bytes. */
const TITLE_LENGTH = 120;

/** An entry as the issue that the batch, the agents and the forge get. @throws UsageError for ids, texts and paths. */
export function createIssue(entry: Entry): IssueDocument {
  const id = entry.id.normalize('NFC');
  const written = cleanText(entry.body).trim();
  const { fields, extra } = entry;
  const files = (fields.files ?? []).map((file) => file.trim().replace(/^(\.\/)+/, ''));
  const problems = [...idProblems(id, entry), ...bodyProblems(id, written, entry), ...fileProblems(files, entry)];
  if (problems.length > 0) throw new UsageError(problems);
  const name = fields.name ?? (typeof extra.title === 'string' ? extra.title : '');
  const title = titleOf({ id, name, body: written });
  const body = written + cleanText(extraText(extra));
  return {
    id,
    key: issueKey(id),
    title,
    priority: fields.priority ?? 'medium',
    dependencies: [...new Set((fields.dependencies ?? []).map((each) => String(each).normalize('NFC')))],
    files: [...new Set(files)],
    body,
    labels: [...new Set((fields.labels ?? []).map((label) => cleanLine(label, 100)).filter((label) => label !== ''))],
    ...(fields.issue == null ? {} : { number: Number(String(fields.issue).replace('#', '')) }),
    skip: fields.status === 'completed' ? `status: completed (${entry.at('status')})` : null,
    textHash: createHash('sha256').update(`${title}\n\n${body}`).digest('hex'),
  };
}

function titleOf(issue: { readonly id: string; readonly name: string; readonly body: string }): string {
  const heading = /^#{1,6}[ \t]+(.+?)[ \t]*#*$/m.exec(issue.body)?.[1] ?? '';
  const candidates = [issue.name, heading, issue.body.split('\n', 1)[0]!, issue.id];
  return candidates.map((each) => cleanLine(each, TITLE_LENGTH)).find((each) => each !== '')!;
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

function bodyProblems(id: string, body: string, entry: Entry): readonly Problem[] {
  if (body !== '') return [];
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

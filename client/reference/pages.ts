import { cliPage } from './cli-page.ts';
import { configurationPage } from './configuration-page.ts';
import { createProgram } from '../program.ts';

/** Between what a person writes on a page and what is generated. */
const MARK = '<!-- Generated from here on: `npm run docs`. -->';

/** The generated parts of pages, by path. */
export function generatedParts(): Readonly<Record<string, string>> {
  const program = createProgram(
    { env: {}, cwd: '/', out: process.stdout, progress: () => {}, signal: new AbortController().signal },
    () => {},
  );
  return { 'docs/cli.md': cliPage(program), 'docs/configuration.md': configurationPage() };
}

/** A page with its generated part anew. @throws where the page has no mark. */
export function withGenerated(page: string, part: string): string {
  const at = page.indexOf(MARK);
  if (at === -1) throw new Error(`the page has no line ${MARK}: write it where the generated part begins`);
  return `${page.slice(0, at)}${MARK}\n\n${part}\n`;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const top = ['README.md', 'AGENTS.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];
const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`);

/** Every page of the documents, by its path. */
export const pages: ReadonlyMap<string, string> = new Map(
  [...top, ...below]
    .filter((name) => name.endsWith('.md'))
    .map((name) => [name, readFileSync(join(root, name), 'utf8')]),
);

/** The text of a page. @throws where there is none. */
export function page(path: string): string {
  const text = pages.get(path);
  if (text === undefined) throw new Error(`there is no page ${path}`);
  return text;
}

/** The contents of a page's code blocks in that language. */
export function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block!);
}

/** The contents of what stands between single backticks, outside of blocks. */
export function spans(text: string): readonly string[] {
  const outside = text.replace(/^```[\s\S]*?^```$/gm, '');
  return [...outside.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
}

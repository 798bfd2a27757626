import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** By file, or by member of a folder: what each one imports. */
type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

/** Each import and export that names a file of ours, also where it is a type's only. */
const specifier = /(?:^|[\s;}])(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

function sourcesBelow(folder: string): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => posix.join(folder, name.split(sep).join('/')));
}

function importsOf(file: string, text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(specifier)].map(([, to = '']) => posix.join(dirname(file), to)));
}

/** What stands in a folder: its files, and each folder in it as one room, with what they know of each other. */
function membersOf(folder: string, files: Arrows): Arrows {
  const memberOf = (file: string): string | null =>
    file.startsWith(`${folder}/`)
      ? file.slice(0, folder.length + 1) + file.slice(folder.length + 1).split('/')[0]
      : null;
  const arrows = new Map<string, Set<string>>();
  for (const [from, targets] of files) {
    const member = memberOf(from);
    if (member === null) continue;
    const known = arrows.get(member) ?? new Set();
    for (const to of [...targets].map(memberOf)) if (to !== null && to !== member) known.add(to);
    arrows.set(member, known);
  }
  return arrows;
}

/** Every set of members that know each other, by however many steps; each one sorted, for a message. */
function circlesIn(arrows: Arrows): readonly (readonly string[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (member: string): void => {
    index.set(member, index.size);
    low.set(member, index.size - 1);
    stack.push(member);
    for (const next of arrows.get(member) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(member, Math.min(low.get(member)!, low.get(next)!));
    }
    if (low.get(member) !== index.get(member)) return;
    const circle = stack.splice(stack.indexOf(member));
    if (circle.length > 1) circles.push(circle.toSorted());
  };
  for (const member of arrows.keys()) if (!index.has(member)) visit(member);
  return circles;
}

const tops = ['workflows', 'activities', 'client', 'worker'];

// Workflows know types of activities, so that the four as a whole are a circle: rooms are looked at within each.
const files: Arrows = new Map(
  tops.flatMap(sourcesBelow).map((file) => [file, importsOf(file, readFileSync(join(root, file), 'utf8'))]),
);
const folders = [...new Set([...files.keys()].map((file) => dirname(file)))].toSorted();

describe('arrows point down only, those of types included', () => {
  test('between files', () => {
    expect(circlesIn(files)).toEqual([]);
  });

  test.each(folders)('between the files and the rooms of %s', (folder) => {
    expect(circlesIn(membersOf(folder, files))).toEqual([]);
  });
});

test('no import takes a detour, which the walls of the linter would not see through', () => {
  const shortest = (from: string, to: string) => {
    const way = posix.relative(dirname(from), posix.join(dirname(from), to));
    return way.startsWith('.') ? way : `./${way}`;
  };
  const detours = [...files.keys()].flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(specifier)].flatMap(([, to = '']) =>
      to === shortest(file, to) ? [] : [`${file}: ${to}`],
    ),
  );
  expect(detours).toEqual([]);
});

describe('the measure', () => {
  test('finds the file of every import', () => {
    const named = [...files.values()].flatMap((targets) => [...targets]);
    expect(named.length).toBeGreaterThan(1_000);
    expect(named.filter((file) => file.endsWith('.ts') && !files.has(file))).toEqual([]);
  });

  test('sees an import of types, over several lines, and one that is passed on', () => {
    const text = `import type {\n  A,\n} from '../b/y.ts';\nexport { z } from './z.ts';\n`;
    expect([...importsOf('a/x.ts', text)]).toEqual(['b/y.ts', 'a/z.ts']);
  });

  test('sees a circle of three files', () => {
    const circle = arrows({ 'a/x.ts': ['b/y.ts'], 'b/y.ts': ['c/z.ts'], 'c/z.ts': ['a/x.ts'], 'a/w.ts': [] });
    expect(circlesIn(circle)).toEqual([['a/x.ts', 'b/y.ts', 'c/z.ts']]);
  });

  test('sees a circle of rooms whose files make none', () => {
    const ways = arrows({
      'top/a/x.ts': ['top/b/y.ts'],
      'top/b/y.ts': [],
      'top/b/w.ts': ['top/a/v.ts'],
      'top/a/v.ts': [],
    });
    expect(circlesIn(ways)).toEqual([]);
    expect(circlesIn(membersOf('top', ways))).toEqual([['top/a', 'top/b']]);
  });
});

function arrows(known: Readonly<Record<string, readonly string[]>>): Arrows {
  return new Map(Object.entries(known).map(([file, targets]) => [file, new Set(targets)]));
}

import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { z } from 'zod';
import { ForgeError } from '../../failure/forge-error.ts';
import { inOrder } from '../../host/in-order.ts';

/** Small JSON files, each complete or absent, even if the process is killed; paths are relative, without `.json`. */
export interface Records {
  /** Null: no such record. @throws ForgeError `response-invalid` for a file that is not what we wrote, by its name. */
  read<T>(path: string, schema: z.ZodType<T>): Promise<T | null>;
  write(path: string, record: unknown): Promise<void>;
  /** False: one exists already and was left alone. */
  create(path: string, record: unknown): Promise<boolean>;
  /** Names in a folder; empty where there is no folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Runs with no other caller for this folder in this process; each state folder has one worker. */
  alone<T>(action: () => Promise<T>): Promise<T>;
}

/** Records below one folder, 0600 in 0700. */
export function createRecords(root: string): Records {
  const fileOf = async (path: string) => {
    const file = join(root, `${path}.json`);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return file;
  };
  return {
    read: async (path, schema) => parsed(join(root, `${path}.json`), schema),
    write: async (path, record) => writeFileAtomic(await fileOf(path), printed(record), { mode: 0o600 }),
    create: async (path, record) => createWhole(await fileOf(path), printed(record)),
    list: async (folder) => {
      const names = await readdir(join(root, folder)).catch(nullIfAbsent);
      return (names ?? []).flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []));
    },
    alone: (action) => inOrder(`records ${root}`, action),
  };
}

async function parsed<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  const text = await readFile(file, 'utf8').catch(nullIfAbsent);
  if (text === null) return null;
  const result = schema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  throw new ForgeError(
    'response-invalid',
    `${file} is not a record of the local forge${where} (${issue?.message ?? 'unreadable'}): put back what was there, or move the file away to forget it`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // torn: the schema says so
  }
}

/** `link` fails if the name exists, and links a finished file: exclusive and complete in one step. */
async function createWhole(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}.tmp`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
    await link(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await handle.close();
    await unlink(draft);
  }
}

function printed(record: unknown): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

function nullIfAbsent(error: unknown): null {
  if (isCode(error, 'ENOENT')) return null;
  throw error;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

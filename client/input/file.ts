import { readFile, stat } from 'node:fs/promises';
import { UsageError, type Problem } from './errors.ts';

/** A text file that a person named, and its limit. */
export interface ReadTextInput {
  readonly path: string;
  /** The file's name in messages. */
  readonly name: string;
  readonly maxBytes: number;
  /** Where it was named, if not on the command line: `plan.yaml:7:11`. */
  readonly where?: string;
}

/** Reads a regular UTF-8 file. @throws UsageError when it is missing, too big, or anything else. */
export async function readText(input: ReadTextInput): Promise<string> {
  const refuse = (what: string, mend: string) => new UsageError({ where: input.where ?? input.name, what, mend });
  const found = await stat(input.path).catch((error: NodeJS.ErrnoException) => {
    throw refuse(
      `${input.name} can't be read (${error.code ?? error.message})`,
      error.code === 'ENOENT' ? `write the file, or correct its name` : `make it readable`,
    );
  });
  // A pipe or a device would block or never end.
  if (!found.isFile()) throw refuse(`${input.name} is not a regular file`, 'name a file');
  if (found.size > input.maxBytes) throw new UsageError(tooBig(input, found.size));
  const bytes = await readFile(input.path).catch((error: NodeJS.ErrnoException) => {
    throw refuse(`${input.name} can't be read (${error.code ?? error.message})`, 'make it readable');
  });
  return decodeText(bytes, input);
}

/** Decodes UTF-8 bytes. @throws UsageError when they are too many or not UTF-8. */
export function decodeText(bytes: Uint8Array, input: Omit<ReadTextInput, 'path'>): string {
  if (bytes.byteLength > input.maxBytes) throw new UsageError(tooBig(input, bytes.byteLength));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError({
      where: input.where ?? input.name,
      what: `${input.name} is not UTF-8 text`,
      mend: 'save it as UTF-8',
    });
  }
}

/** The problem of a file over its limit. */
export function tooBig(input: Omit<ReadTextInput, 'path'>, bytes: number): Problem {
  return {
    where: input.where ?? input.name,
    what: `${input.name} has ${bytes} bytes; at most ${input.maxBytes} are read`,
    mend: 'split it, or move long texts into files of the repository',
  };
}

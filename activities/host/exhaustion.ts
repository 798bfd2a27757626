/** This process has no file descriptor or no memory left. */
const codes: readonly unknown[] = ['EMFILE', 'ENFILE', 'ENOMEM'];

/** Whether an error of the system is about us alone, so that it says nothing about the file or process that was asked for. */
export function isExhaustion(error: unknown): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code);
}

/** This process has no file descriptor or no memory left. */
const codes: readonly unknown[] = ['EMFILE', 'ENFILE', 'ENOMEM'];

/** Whether a system's error is about this process alone: then it says nothing about the file or process that was asked for. */
export function isExhaustion(error: unknown): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code);
}

/** For `catch`: what a failed look comes to. @throws where this process could not look: then there may be something all the same. */
export function unlessExhausted<T>(answer: T): (error: unknown) => T {
  return (error) => {
    if (isExhaustion(error)) throw error;
    return answer;
  };
}

// A full disk, a full quota and a file-size limit: nothing is wrong with the run, and it goes on once there is space.

const WHAT: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file would be larger than the limit for files (ulimit -f)',
};

/** What is used up, when that is what `error`, or what caused it, is about. */
export function usedUp(error: unknown): string | undefined {
  for (let cause = error; isError(cause); cause = cause.cause) {
    const what = WHAT[(cause as NodeJS.ErrnoException).code ?? ''];
    if (what) return what;
  }
  return undefined;
}

/** An error that says how the run goes on, when `error` is about a lack of space; undefined otherwise. */
export function outOfSpace(error: unknown, name: string): Error | undefined {
  const what = usedUp(error);
  if (!what) return undefined;
  const { message } = error as Error;
  return new Error(`${name}: ${what}; the last checkpoint is whole: make space, and --resume goes on from it\n  ${message}`, {
    cause: error,
  });
}

/** By shape, not by instanceof: errors of the file system may come from another realm (test runners). */
function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value;
}

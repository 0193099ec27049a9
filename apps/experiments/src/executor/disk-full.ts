// A full disk, a full quota and a file-size limit: nothing is wrong with the run, and it goes on once there is space.

const WHAT: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file would be larger than the limit for files (ulimit -f)',
};

/** An error that says what to do, when `error` or what caused it is a lack of space; undefined otherwise. */
export function outOfSpace(error: unknown, name: string): Error | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const what = WHAT[(cause as NodeJS.ErrnoException).code ?? ''];
    if (what) {
      const message = error instanceof Error ? error.message : String(error);
      return new Error(`${name}: ${what}; the last checkpoint is whole: make space, and --resume goes on from it\n  ${message}`, {
        cause: error,
      });
    }
  }
  return undefined;
}

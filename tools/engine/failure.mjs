// Failures a user can do something about: one sentence with the way out, never a stack trace.

/** An expected failure. `message` says what went wrong and what to do. */
export function failure(message, cause) {
  return Object.assign(new Error(message, { cause }), { expected: true });
}

const DISK = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'no permission to write there',
  EPERM: 'no permission to write there',
};

/** The sentence to print for any error: expected ones as they are, errors of the disk with the way out, others by their message. */
export function sentence(error) {
  if (error?.expected) return error.message;
  const where = error?.path ?? error?.dest;
  const disk = DISK[error?.code];
  if (disk) return `${disk}${where ? ` (${where})` : ''}: make room or set STINT_CACHE to a folder on another disk, then run this again`;
  return `unexpected failure: ${error?.message ?? error} (run again with STINT_DEBUG=1 for the place in the code)`;
}

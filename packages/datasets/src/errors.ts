// The error of files that are no data set: what file, what is wrong with it.

/** A file or folder that cannot be read as what it should be; the message names it, says what is wrong, and the way out where there is one. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
}

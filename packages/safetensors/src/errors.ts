// The one error this package throws: which file, what is wrong, and where in it.

export interface SafetensorsErrorDetails {
  /** The file's path, or '<bytes>' when bytes were parsed. */
  file: string;
  /** What is wrong, with the offending values. */
  what: string;
  /** Where: 'header length', 'header', 'tensor "NAME"', 'metadata', 'file'. */
  where: string;
  cause?: unknown;
}

/** A file that is not valid safetensors, or that could not be read or written. */
export class SafetensorsError extends Error {
  readonly file: string;
  readonly what: string;
  readonly where: string;

  constructor({ file, what, where, cause }: SafetensorsErrorDetails) {
    super(`safetensors: ${file}: ${where}: ${what}`, { cause });
    this.name = 'SafetensorsError';
    this.file = file;
    this.what = what;
    this.where = where;
  }
}

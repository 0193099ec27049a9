// Progress of a run: a bar with the time left on a terminal, a plain line now and then elsewhere (logs, CI).

export interface ProgressOptions {
  total: number;
  /** Steps done before (a resumed run). Default 0. */
  start?: number;
  /** First word of each line, e.g. the arm's name. */
  label?: string;
  /** Where to write. Default process.stderr, so that stdout stays free for results. */
  stream?: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  /** Milliseconds. Default performance.now. */
  now?: () => number;
  /** Plain lines: at most one in so many seconds. Default 10. */
  everySeconds?: number;
  /** Plain lines: also after every so many steps. Default: by time only. */
  everySteps?: number;
}

export interface Progress {
  /** `done` steps are done; `values` are shown behind, e.g. the loss. */
  update(done: number, values?: Record<string, number>): void;
  /** A line of its own, above the bar. */
  log(line: string): void;
  /** Ends the bar's line. */
  close(): void;
}

const BAR_WIDTH = 24;
/** A terminal is redrawn at most this often. */
const REDRAW_MS = 100;

export function createProgress(options: ProgressOptions): Progress {
  const { total, start = 0, label = '', stream = process.stderr, now = () => performance.now(), everySeconds = 10, everySteps } = options;
  const began = now();
  const terminal = stream.isTTY === true;
  const interval = terminal ? REDRAW_MS : everySeconds * 1000;
  let shownAt = Number.NEGATIVE_INFINITY;
  let bar = '';

  const describe = (done: number, values: Record<string, number>): string => {
    const left = done > start ? ((now() - began) / (done - start)) * (total - done) : undefined;
    const rest = done >= total ? duration(now() - began) : `eta ${left === undefined ? '--' : duration(left)}`;
    const shown = Object.entries(values).map(([name, value]) => `${name} ${formatNumber(value)}`);
    return [label, `${done}/${total}`, `${Math.floor((100 * done) / total)}%`, rest, ...shown].filter(Boolean).join('  ');
  };
  const draw = (text: string, done: number): void => {
    const filled = Math.round((BAR_WIDTH * done) / total);
    const line = `[${'='.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}] ${text}`;
    // A line that wraps could not be overwritten.
    bar = line.slice(0, (stream.columns ?? 120) - 1);
    stream.write(`\r\x1b[2K${bar}`);
  };

  return {
    update(done, values = {}) {
      const bySteps = !terminal && everySteps !== undefined && done % everySteps === 0;
      if (done < total && !bySteps && now() - shownAt < interval) return;
      shownAt = now();
      const text = describe(done, values);
      if (terminal) draw(text, done);
      else stream.write(`${text}\n`);
    },
    log(line) {
      stream.write(terminal && bar ? `\r\x1b[2K${line}\n${bar}` : `${line}\n`);
    },
    close() {
      if (terminal && bar) stream.write('\n');
      bar = '';
    },
  };
}

/** 42s, 3m05s, 2h07m. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h${two(Math.floor((seconds % 3600) / 60))}m`;
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

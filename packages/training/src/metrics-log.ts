// metrics.jsonl: a line of JSON an event. Each line is one write to a file opened for appending, so a killed process leaves at
// most one torn line, the last; opening the log again removes it.
import fs from 'node:fs';
import path from 'node:path';

/** An event of a step (counted from 0), e.g. a StepRecord, or `{step, event: 'evaluation', ...}`. */
export interface MetricsEvent {
  step: number;
  [key: string]: unknown;
}

export interface MetricsLog {
  write(event: MetricsEvent): void;
  close(): void;
}

/**
 * Opens the log of a run that goes on at `resumeStep` (0: a new run, an old file is emptied). From the first event of that step
 * or a later one on, everything is removed: those steps are trained again.
 * @throws when a line other than the last is damaged, with its number
 */
export function openMetricsLog(file: string, { resumeStep = 0 }: { resumeStep?: number } = {}): MetricsLog {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (fs.existsSync(file)) fs.truncateSync(file, resumeStep === 0 ? 0 : lengthBefore(file, resumeStep));
  const handle = fs.openSync(file, 'a');
  return {
    write(event) {
      // All of it, or an error: a full disk takes a part of a line, and writeSync alone would say nothing.
      fs.writeFileSync(handle, `${JSON.stringify(event)}\n`);
    },
    close() {
      fs.closeSync(handle);
    },
  };
}

/** All whole lines of a log; a torn last line is left out. */
export function readMetricsLog(file: string): MetricsEvent[] {
  return wholeLines(file).map(({ event }) => event);
}

/** Length in bytes of the lines of steps before `step`. */
function lengthBefore(file: string, step: number): number {
  let length = 0;
  for (const { event, end } of wholeLines(file)) {
    if (event.step >= step) break;
    length = end;
  }
  return length;
}

function wholeLines(file: string): { event: MetricsEvent; end: number }[] {
  const bytes = fs.readFileSync(file);
  const lines: { event: MetricsEvent; end: number }[] = [];
  let start = 0;
  for (let end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', start)) {
    lines.push({ event: parseLine(file, lines.length + 1, bytes.toString('utf8', start, end)), end: end + 1 });
    start = end + 1;
  }
  return lines;
}

function parseLine(file: string, number: number, text: string): MetricsEvent {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    // Below: the same message for what is not JSON and what is not an event.
  }
  if (typeof (event as MetricsEvent | null)?.step === 'number') return event as MetricsEvent;
  throw new Error(
    `metrics log: ${file}:${number} is not an event with a step (${JSON.stringify(text.slice(0, 60))}); remove the line or the file`,
  );
}

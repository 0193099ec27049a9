import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openMetricsLog, readMetricsLog } from './index.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-log-'));
  file = path.join(folder, 'run/metrics.jsonl');
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function write(resumeStep: number, ...steps: number[]): void {
  const log = openMetricsLog(file, { resumeStep });
  for (const step of steps) log.write({ step, loss: step / 2 });
  log.close();
}
const steps = () => readMetricsLog(file).map(({ step }) => step);

test('a line an event, on disk at once', () => {
  const log = openMetricsLog(file);
  log.write({ step: 0, terms: { a: 0.1 } });
  expect(fs.readFileSync(file, 'utf8')).toBe('{"step":0,"terms":{"a":0.1}}\n');
  log.close();
});

test('a new run empties an old log; a resumed one drops what will be trained again', () => {
  write(0, 0, 1, 2, 3, 4);
  write(3, 3, 4, 5);
  expect(steps()).toEqual([0, 1, 2, 3, 4, 5]);
  write(9, 9);
  expect(steps()).toEqual([0, 1, 2, 3, 4, 5, 9]);
  write(0, 0);
  expect(steps()).toEqual([0]);
});

test.each(['{"step":3,"lo', '{'])('a torn last line %j is dropped', (torn) => {
  write(0, 0, 1, 2);
  fs.appendFileSync(file, torn);
  expect(steps()).toEqual([0, 1, 2]);
  write(3, 3);
  expect(fs.readFileSync(file, 'utf8')).not.toContain(`${torn}{`);
  expect(steps()).toEqual([0, 1, 2, 3]);
});

test.each(['{"step":1,', '[]', '{"loss":1}', 'null'])('a damaged line elsewhere is an error with its number: %s', (line) => {
  write(0, 0);
  fs.appendFileSync(file, `${line}\n`);
  expect(() => openMetricsLog(file, { resumeStep: 5 })).toThrow(`${file}:2 is not an event with a step`);
});

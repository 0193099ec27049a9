import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Job, readJobs, writeJobs } from './jobs.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-jobs-'));
const file = path.join(folder, 'slurm/jobs.json');
const jobs: Job[] = [
  { kind: 'train', name: 'rbf/seed1', id: '12_0', logFile: 'a', output: 'b' },
  { kind: 'report', name: 'report', id: '13', logFile: 'a', output: 'b' },
];

test('jobs are read as they were written; none before', () => {
  expect(readJobs(folder)).toEqual([]);
  fs.mkdirSync(path.dirname(file));
  writeJobs(folder, jobs);
  expect(readJobs(folder)).toEqual(jobs);
});

test.each([
  ['{"jobs": [', 'is not JSON'],
  [JSON.stringify({ jobs: [{ ...jobs[0], id: '12; scancel 1' }] }), 'jobs.0.id: must be a job of Slurm, as 12_3'],
  [JSON.stringify({ jobs: [{ ...jobs[0], kind: 'other' }] }), 'jobs.0.kind'],
])('a damaged list is named, with the way out: %s', (text, message) => {
  fs.writeFileSync(file, text);
  expect(() => readJobs(folder)).toThrow(message);
  expect(() => readJobs(folder)).toThrow('see with squeue what runs');
});

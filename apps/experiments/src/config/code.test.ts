import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { codeHash } from './code.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-code-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
}

test('sources count, tests and other files do not', () => {
  write('packages/a/src/x.ts', 'one');
  write('apps/b/src/deep/y.ts', 'two');
  const before = codeHash(root);
  write('packages/a/src/x.test.ts', 'test');
  write('packages/a/README.md', 'text');
  expect(codeHash(root)).toBe(before);
  write('apps/b/src/deep/y.ts', 'three');
  expect(codeHash(root)).not.toBe(before);
});

test('how results are shown does not count', () => {
  const before = codeHash(root);
  write('packages/report/src/table.ts', 'wider');
  write('apps/experiments/src/report/page.ts', 'nicer');
  expect(codeHash(root)).toBe(before);
  write('apps/experiments/src/run/train.ts', 'other');
  expect(codeHash(root)).not.toBe(before);
});

test('this workspace has a hash, and it stays', () => {
  expect(codeHash()).toMatch(/^[0-9a-f]{16}$/);
  expect(codeHash()).toBe(codeHash());
});

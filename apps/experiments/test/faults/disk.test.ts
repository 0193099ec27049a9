// The disk becomes full while a run trains: it stops and says so, its last checkpoint is whole, and it goes on when there is space. A small
// tmpfs where one can be mounted (root); elsewhere a limit for the size of files, which makes the same writes fail. The line at the start
// says which.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { readSafetensors } from '@stint/safetensors';
import { type Ended, poll, timeless, tinyWorkspace, tinyYaml } from '../support/tiny.ts';

jest.setTimeout(180_000);

const tiny = tinyWorkspace(tinyYaml({ steps: 80 }));
const small = path.join(tiny.root, 'small');
const filler = path.join(small, 'filler');
const run = ['run', 'tiny', '--arms', 'rbf', '--out', path.join(small, 'runs')];
const folder = path.join(small, 'runs/rbf/seed1');
const checkpoint = path.join(folder, 'last.safetensors');

fs.mkdirSync(small);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]).status === 0;
process.stderr.write(`disk full: by ${mounted ? 'a tmpfs of 4 MB' : 'a limit for the size of files (no tmpfs can be mounted here)'}\n`);
afterAll(() => {
  if (mounted) spawnSync('umount', ['-l', small]);
});

/** Takes all the space there is. */
function fill(): void {
  const handle = fs.openSync(filler, 'a');
  for (let size = 2 ** 16; size > 0; ) {
    try {
      fs.writeSync(handle, Buffer.alloc(size));
    } catch {
      size = size === 2 ** 16 ? 512 : 0;
    }
  }
  fs.closeSync(handle);
}

/** The run on a disk that becomes full after its first checkpoint. */
async function onFullDisk(): Promise<Ended> {
  const first = tiny.start(run);
  await poll(() => fs.existsSync(checkpoint) || undefined, first.ended);
  if (mounted) {
    fill();
    return first.ended;
  }
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(143);
  // Smaller than a checkpoint, larger than what else a run writes at once.
  return tiny.start([...run, '--resume'], { STINT_TEST_FSIZE: String(Math.floor(fs.statSync(checkpoint).size / 2)) }).ended;
}

test('a full disk stops the run with its last checkpoint whole; with space it goes on, as if nothing had been', async () => {
  const { code, text } = await onFullDisk();
  expect(code).toBe(1);
  const what = mounted ? 'the disk is full' : 'a file would be larger than the limit for files \\(ulimit -f\\)';
  expect(text).toMatch(new RegExp(`rbf/seed1: ${what}; the last checkpoint is whole: make space, and --resume goes on from it`));
  const { step } = JSON.parse(readSafetensors(checkpoint).metadata.stint);
  expect(step).toBeGreaterThan(0);
  expect(step).toBeLessThan(80);
  expect(fs.existsSync(path.join(folder, 'result.json'))).toBe(false);
  expect(fs.readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);

  fs.rmSync(filler, { force: true });
  const resumed = await tiny.run([...run, '--resume']);
  expect(resumed).toMatchObject({ code: 0 });
  const unbroken = path.join(tiny.root, 'unbroken');
  expect(await tiny.run(['run', 'tiny', '--arms', 'rbf', '--out', unbroken])).toMatchObject({ code: 0 });
  expect(timeless(folder)).toEqual(timeless(path.join(unbroken, 'rbf/seed1')));
});

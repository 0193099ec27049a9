// SIGKILL at random moments of training and evaluation, of the writing of a checkpoint, and of the writing of a report. After each, every
// file is whole; in the end, everything is what an unbroken run leaves, bit for bit. STINT_FAULT_ROUNDS: how often (default 8).
import fs from 'node:fs';
import path from 'node:path';
import { readSafetensors } from '@stint/safetensors';
import { type Command, type Ended, timeless, tinyWorkspace, tinyYaml } from '../support/tiny.ts';

const ROUNDS = Number(process.env.STINT_FAULT_ROUNDS ?? 8);
const ROUNDS_OF = {
  report: Math.ceil(ROUNDS * 0.2),
  checkpoint: Math.ceil(ROUNDS * 0.3),
  any: ROUNDS - Math.ceil(ROUNDS * 0.2) - Math.ceil(ROUNDS * 0.3),
};

jest.setTimeout(300_000);

const tiny = tinyWorkspace(tinyYaml({ steps: 60 }));
const unbroken = path.join(tiny.root, 'unbroken');
const folderOf = (out: string) => path.join(out, 'rbf/seed1');
/** What a run leaves that must not depend on what happened to it. */
const SAME_BYTES = ['last.safetensors', 'config.yaml', 'detections.json', 'masks/masks.json'];
const REPORT = ['report.md', 'report.html', 'result.json', 'summary.csv', 'ap-macs.svg', 'ap-macs-14.svg', 'masks.png'];

/** Milliseconds of a run of the child alone: until its first checkpoint, and in all. */
let startup: number;
let whole: number;

beforeAll(async () => {
  const made = await tiny.run(['run', 'tiny', '--arms', 'rbf', '--out', unbroken]);
  if (made.code !== 0) throw new Error(made.text);
  const timed = begin('timed');
  const began = performance.now();
  const command = resume(timed);
  const first = watchFor(folderOf(timed), /^last\.safetensors$/, () => {
    startup ??= performance.now() - began;
  });
  expect((await command.ended).code).toBe(0);
  first.close();
  whole = performance.now() - began;
});

/** A run's folder with nothing but its configuration, as `stint run` makes it. */
function begin(name: string): string {
  const out = path.join(tiny.root, name);
  fs.mkdirSync(folderOf(out), { recursive: true });
  fs.copyFileSync(path.join(folderOf(unbroken), 'config.yaml'), path.join(folderOf(out), 'config.yaml'));
  return out;
}

const resume = (out: string): Command => tiny.start(['train-run', '--config', path.join(folderOf(out), 'config.yaml'), '--resume']);

function kill({ child }: Command): void {
  if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
}

function watchFor(folder: string, pattern: RegExp, seen: () => void): fs.FSWatcher {
  return fs.watch(folder, (_event, name) => {
    if (name && pattern.test(name)) seen();
  });
}

/** Kills the command while it writes: at one of its next temporary files that match, and a moment later. */
async function killWhileWriting(command: Command, folder: string, pattern: RegExp, most: number): Promise<Ended> {
  let left = Math.floor(Math.random() * most);
  const watcher = watchFor(folder, pattern, () => {
    if (left-- > 0) return;
    const until = performance.now() + Math.random() * 3;
    while (performance.now() < until); // shorter than a timer can be
    kill(command);
  });
  const ended = await command.ended;
  watcher.close();
  return ended;
}

/** Every file that has its final name must be whole. Returns the steps that the checkpoint has. */
function checkWhole(out: string): number {
  const folder = folderOf(out);
  for (const name of ['result.json', 'detections.json', 'env.json', 'masks/masks.json']) {
    if (fs.existsSync(path.join(folder, name))) JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
  }
  const file = path.join(folder, 'last.safetensors');
  if (!fs.existsSync(file)) return 0;
  const { tensors, metadata } = readSafetensors(file);
  expect([...tensors.keys()]).toEqual([...readSafetensors(path.join(folderOf(unbroken), 'last.safetensors')).tensors.keys()]);
  return JSON.parse(metadata.stint).step;
}

function expectUnbroken(out: string): void {
  const [got, want] = [folderOf(out), folderOf(unbroken)];
  expect(timeless(got)).toEqual(timeless(want));
  for (const name of SAME_BYTES)
    expect([name, fs.readFileSync(path.join(got, name)).equals(fs.readFileSync(path.join(want, name)))]).toEqual([name, true]);
}

/** `rounds` deaths of one run after another; `end` starts the run and returns how it ended. Returns how many kills met a run at work. */
async function outlive(name: string, rounds: number, end: (out: string) => Promise<Ended>): Promise<{ kills: number; lives: number }> {
  let [lives, kills] = [1, 0];
  let out = begin(`${name}1`);
  let step = 0;
  for (let round = 0; round < rounds; round++) {
    const ended = await end(out);
    if (ended.signal === 'SIGKILL') kills++;
    else expect(ended).toMatchObject({ code: 0 });
    const now = checkWhole(out);
    // What was saved once is never lost.
    expect(now).toBeGreaterThanOrEqual(step);
    step = now;
    if (ended.signal === null) {
      expectUnbroken(out);
      lives++;
      out = begin(`${name}${lives}`);
      step = 0;
    }
  }
  const last = await tiny.run(['run', 'tiny', '--arms', 'rbf', '--out', out, '--resume']);
  expect(last).toMatchObject({ code: 0 });
  expectUnbroken(out);
  const left = fs.readdirSync(folderOf(out), { recursive: true, encoding: 'utf8' }).filter((file) => /\.tmp$|lock/.test(file));
  expect(left).toEqual([]);
  return { kills, lives };
}

test(`killed ${ROUNDS_OF.any} times at any moment, and ${ROUNDS_OF.checkpoint} times while a checkpoint is written`, async () => {
  const anywhere = outlive('any', ROUNDS_OF.any, async (out) => {
    const command = resume(out);
    // From shortly before the first step on; the start of the process, which changes nothing, is the longest part of a tiny run.
    const timer = setTimeout(() => kill(command), startup * 0.8 + Math.random() * (whole - startup * 0.8));
    const ended = await command.ended;
    clearTimeout(timer);
    return ended;
  });
  const writing = outlive('checkpoint', ROUNDS_OF.checkpoint, (out) =>
    killWhileWriting(resume(out), folderOf(out), /^last\.safetensors\.\d+\.tmp$/, 8),
  );
  const [any, checkpoint] = await Promise.all([anywhere, writing]);
  // The point of it: nearly all rounds end with a death.
  expect(any.kills).toBeGreaterThan(ROUNDS_OF.any / 3);
  expect(checkpoint.kills).toBeGreaterThan(ROUNDS_OF.checkpoint / 2);
});

test(`killed ${ROUNDS_OF.report} times while the report is written: its files are whole, or not there`, async () => {
  const report = () => tiny.start(['report', 'tiny', '--arms', 'rbf', '--out', unbroken]);
  expect(await report().ended).toMatchObject({ code: 0 });
  const want = new Map(REPORT.map((name) => [name, fs.readFileSync(path.join(unbroken, name))]));
  const differing = () =>
    REPORT.filter(
      (name) => fs.existsSync(path.join(unbroken, name)) && !fs.readFileSync(path.join(unbroken, name)).equals(want.get(name)!),
    );
  let kills = 0;
  for (let round = 0; round < ROUNDS_OF.report; round++) {
    // In turn over an old report, and where there is none.
    if (round % 2 === 0) for (const name of REPORT) fs.rmSync(path.join(unbroken, name), { force: true });
    const ended = await killWhileWriting(report(), unbroken, /\.\d+\.tmp$/, REPORT.length * 2);
    if (ended.signal === 'SIGKILL') kills++;
    expect(differing()).toEqual([]);
  }
  expect(kills).toBeGreaterThan(ROUNDS_OF.report / 3);
  expect(await report().ended).toMatchObject({ code: 0 });
  expect(differing()).toEqual([]);
  expectUnbroken(unbroken);
});

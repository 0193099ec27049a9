// Signals, other processes, and a clock that jumps.
import fs from 'node:fs';
import path from 'node:path';
import { poll, timeless, tinyWorkspace, tinyYaml } from '../support/tiny.ts';

jest.setTimeout(180_000);

const tiny = tinyWorkspace(tinyYaml({ steps: 60 }));
const out = (name: string) => path.join(tiny.root, name);
const seed1 = (name: string, arm = 'rbf') => path.join(out(name), arm, 'seed1');
const run = (name: string, ...more: string[]) => ['run', 'tiny', '--out', out(name), ...more];
const holder = (name: string, arm = 'rbf'): number | undefined => {
  const file = path.join(seed1(name, arm), 'lock');
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).pid : undefined;
};
const saved = (name: string, arm = 'rbf') => fs.existsSync(path.join(seed1(name, arm), 'last.safetensors')) || undefined;

beforeAll(async () => {
  expect(await tiny.run(run('unbroken'))).toMatchObject({ code: 0 });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s: the run saves and the command exits with %i; --resume ends as if nothing had been', async (signal, code) => {
  const command = tiny.start(run(signal, '--arms', 'rbf'));
  await poll(() => saved(signal), command.ended);
  command.child.kill(signal);
  expect(await command.ended).toMatchObject({
    code,
    text: expect.stringMatching(/rbf\/seed1: stopped after step \d+ of 60; --resume goes on/),
  });
  expect(fs.existsSync(path.join(seed1(signal), 'result.json'))).toBe(false);
  expect(await tiny.run(run(signal, '--arms', 'rbf', '--resume'))).toMatchObject({ code: 0 });
  expect(timeless(seed1(signal))).toEqual(timeless(seed1('unbroken')));
});

test('of two that start the same run one wins, and the other says who holds it; a holder that was killed holds nothing', async () => {
  // Long enough to be at work while a second command starts.
  const long = run('two', '--arms', 'rbf', 'train.steps=250');
  const first = tiny.start(long);
  const pid = await poll(() => (saved('two') ? holder('two') : undefined), first.ended);
  const second = await tiny.run(long);
  expect(second).toMatchObject({
    code: 2,
    text: expect.stringMatching(new RegExp(`these runs are being made by others:\\n {2}rbf/seed1: process ${pid} on \\S+ since \\S+Z\\n`)),
  });
  process.kill(pid, 'SIGKILL');
  expect(await first.ended).toMatchObject({ code: 1 });
  expect(holder('two')).toBe(pid);

  // At the same moment, past the first look: the folder itself decides.
  const config = path.join(seed1('two'), 'config.yaml');
  const rivals = [0, 1].map(() => tiny.run(['train-run', '--config', config, '--resume']));
  const [winner, loser] = (await Promise.all(rivals)).sort((a, b) => a.code! - b.code!);
  expect(winner).toMatchObject({ code: 0 });
  expect(loser).toMatchObject({ code: 1, text: expect.stringMatching(/rbf\/seed1 is held by process \d+ on \S+ since/) });
  expect(timeless(seed1('two')).steps).toHaveLength(250);
});

test('a worker that is killed takes no other with it; the report marks its arm as failed, with its last lines', async () => {
  const command = tiny.start(run('crash', '--jobs', '2'));
  process.kill(await poll(() => (saved('crash') ? holder('crash') : undefined), command.ended), 'SIGKILL');
  const { code, text } = await command.ended;
  expect(code).toBe(1);
  expect(text).toMatch(/FAILED rbf\/seed1, last lines:\n[\s\S]*ended by SIGKILL/);
  expect(text).toMatch(/FAILED blue\/seed1, last lines:\n {4}rbf\/seed1, whose training it evaluates, failed/);
  expect(timeless(seed1('crash', 'zeros'))).toEqual(timeless(seed1('unbroken', 'zeros')));
  const { failed, runs } = JSON.parse(fs.readFileSync(path.join(out('crash'), 'result.json'), 'utf8'));
  expect([runs.map(({ arm }: { arm: string }) => arm), failed.map(({ arm }: { arm: string }) => arm)]).toEqual([
    ['zeros'],
    ['rbf', 'blue'],
  ]);
  for (const name of ['report.md', 'report.html'])
    expect(fs.readFileSync(path.join(out('crash'), name), 'utf8')).toContain('ended by SIGKILL');
});

test('a clock that jumps back and forth by days changes nothing', async () => {
  // Every process of the command sees it: each look at the clock is up to ten days off.
  const script = path.join(tiny.root, 'clock.cjs');
  fs.writeFileSync(
    script,
    `const RealDate = Date;
    let looks = process.pid;
    const jump = () => (((looks++ * 7919) % 20) - 10) * 86_400_000;
    globalThis.Date = class Date extends RealDate {
      constructor(...given) { if (given.length === 0) super(RealDate.now() + jump()); else super(...given); }
      static now() { return RealDate.now() + jump(); }
    };`,
  );
  const env = { NODE_OPTIONS: `--require=${script}` };
  const command = tiny.start(run('clock', '--arms', 'rbf'), env);
  await poll(() => saved('clock'), command.ended);
  process.kill(-command.child.pid!, 'SIGKILL');
  const pid = holder('clock');
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  await command.ended;
  const resumed = await tiny.run(run('clock', '--arms', 'rbf', '--resume'), env);
  expect(resumed).toMatchObject({ code: 0 });
  expect(timeless(seed1('clock'))).toEqual(timeless(seed1('unbroken')));
});

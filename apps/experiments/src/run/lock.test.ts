import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LockHeldError, lockHolder, takeLock } from './lock.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-lock-'));
const fresh = (name: string) => path.join(folder, name, 'lock');
const read = (file: string) => JSON.parse(fs.readFileSync(file, 'utf8'));
/** The lock as this process writes it, with something else in it. */
function write(file: string, change: object): void {
  takeLock(file, 'x')();
  const release = takeLock(file, 'x');
  const own = read(file);
  release();
  fs.writeFileSync(file, JSON.stringify({ ...own, ...change }));
}
const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;

test('one holds it; the other is told who, and gets it when it is given back', () => {
  const file = fresh('two');
  const release = takeLock(file, 'run a');
  expect(() => takeLock(file, 'run a')).toThrow(LockHeldError);
  expect(() => takeLock(file, 'run a')).toThrow(
    new RegExp(`^run a is held by process ${process.pid} on ${os.hostname()} since \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$`),
  );
  expect(lockHolder(file)?.pid).toBe(process.pid);
  release();
  expect(lockHolder(file)).toBeUndefined();
  takeLock(file, 'run a')();
  expect(fs.readdirSync(path.dirname(file))).toEqual([]);
});

test('a dead process holds nothing; nor does one whose id another process has now', () => {
  const file = fresh('dead');
  write(file, { pid: deadPid() });
  expect(lockHolder(file)).toBeUndefined();
  const release = takeLock(file, 'x');
  expect(read(file).pid).toBe(process.pid);
  release();
  write(file, { start: '1' });
  takeLock(file, 'x')();
  expect(fs.readdirSync(path.dirname(file))).toEqual([]);
});

test('a process that ended but was not waited for is dead', async () => {
  // The shell starts a child that ends soon, becomes another program that never waits for it, and so keeps it a zombie.
  const child = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const pid = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
    while (!/^\d+ \(.*\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))) await new Promise(setImmediate);
    const file = fresh('zombie');
    write(file, { pid, start: undefined });
    expect(lockHolder(file)).toBeUndefined();
  } finally {
    child.kill('SIGKILL');
  }
});

test('what another host holds cannot be judged from here, and that is said; this host before a reboot can', () => {
  const file = fresh('host');
  write(file, { host: 'node7', pid: deadPid(), scope: 'a/b/c' });
  expect(() => takeLock(file, 'run a')).toThrow(
    /held by process \d+ on node7 since .*; it cannot be checked from here: if it is dead, remove .*host\/lock$/,
  );
  fs.rmSync(file);
  write(file, {});
  const { scope } = read(file);
  const [machine, , space] = scope.split('/');
  fs.writeFileSync(file, JSON.stringify({ ...read(file), scope: `${machine}/another boot/${space}` }));
  // Without a machine id (some containers) the name of the host alone does not tell.
  if (machine) takeLock(file, 'x')();
  else expect(() => takeLock(file, 'x')).toThrow(LockHeldError);
});

test('a Slurm job that is started again follows itself, on whatever node', () => {
  const file = fresh('slurm');
  write(file, { host: 'node7', scope: 'a/b/c', job: '12' });
  expect(() => takeLock(file, 'x')).toThrow(/process \d+ on node7 \(Slurm job 12\)/);
  jest.replaceProperty(process, 'env', { ...process.env, SLURM_JOB_ID: '12' });
  const release = takeLock(file, 'x');
  expect(read(file)).toMatchObject({ job: '12', host: os.hostname() });
  expect(() => takeLock(file, 'x')).toThrow(LockHeldError);
  release();
  jest.restoreAllMocks();
});

test('a lock of the earlier format, and one that says nothing', () => {
  const file = fresh('old');
  fs.mkdirSync(path.dirname(file));
  fs.writeFileSync(file, String(deadPid()));
  takeLock(file, 'x')();
  fs.writeFileSync(file, '');
  expect(() => takeLock(file, 'x')).toThrow(/process 0 on an unknown host .* remove/);
});

test('of many processes that find the same dead holder, one follows it', async () => {
  const file = fresh('race');
  write(file, { pid: deadPid() });
  // Each takes the lock when it can, notes who is inside, and leaves.
  const script = `
    const { takeLock } = require(${JSON.stringify(path.join(__dirname, 'lock.ts'))});
    const fs = require('node:fs');
    const inside = ${JSON.stringify(path.join(folder, 'inside'))};
    let entered = 0;
    process.stdout.write('ready');
    process.stdin.once('data', function attempt() {
      for (let i = 0; i < 3000 && entered < 20; i++) {
        let release;
        try { release = takeLock(${JSON.stringify(file)}, 'x'); } catch { continue; }
        fs.writeFileSync(inside, '', { flag: 'wx' });
        fs.rmSync(inside);
        entered++;
        release();
      }
      process.stdout.write(' ' + entered);
      process.exit();
    });`;
  const args = ['--conditions=@stint/source', '-r', 'ts-node/register', '-e', script];
  const env = { ...process.env, TS_NODE_PROJECT: path.join(__dirname, '../../../../tsconfig.json') };
  const children = Array.from({ length: 3 }, () => spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] }));
  const texts = children.map((child) => ({ child, text: '' }));
  const ready = texts.map(
    (each) =>
      new Promise<void>((resolve) =>
        each.child.stdout.on('data', (data) => {
          each.text += data;
          resolve();
        }),
      ),
  );
  const codes = children.map((child) => new Promise((resolve) => child.once('close', resolve)));
  await Promise.all(ready);
  for (const child of children) child.stdin.write('go');
  expect(await Promise.all(codes)).toEqual([0, 0, 0]);
  for (const { text } of texts) expect(Number(text.split(' ')[1])).toBeGreaterThan(0);
  expect(fs.readdirSync(path.dirname(file))).toEqual([]);
});

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { isStale, withLock } = require('./lock.mjs');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-lock-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const HOLDER = path.join(__dirname, 'testing/holder.mjs');

function startHolder(lock, journal, ...mode) {
  const child = spawn(process.execPath, [HOLDER, lock, journal, ...mode], { stdio: 'ignore' });
  child.ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
  return child;
}

/** Resolves when `file` contains `text`. */
async function written(file, text) {
  while (!fs.existsSync(file) || !fs.readFileSync(file, 'utf8').includes(text)) await new Promise(setImmediate);
}

test('of several processes one works at a time', async () => {
  const [lock, journal] = [path.join(folder, 'a.lock'), path.join(folder, 'a.txt')];
  const children = Array.from({ length: 4 }, () => startHolder(lock, journal));
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
  const lines = fs.readFileSync(journal, 'utf8').trim().split('\n');
  const visits = lines.filter((line) => !line.startsWith('wait'));
  expect(visits).toHaveLength(8);
  for (let i = 0; i < 8; i += 2) expect(visits[i].replace('in', 'out')).toBe(visits[i + 1]);
  expect(fs.existsSync(lock)).toBe(false);
});

test('a killed holder is succeeded; an interrupted one removes its lock', async () => {
  for (const [signal, stays] of [
    ['SIGKILL', true],
    ['SIGINT', false],
  ]) {
    const [lock, journal] = [path.join(folder, `${signal}.lock`), path.join(folder, `${signal}.txt`)];
    const hanging = startHolder(lock, journal, '--hang');
    await written(journal, 'in');
    hanging.kill(signal);
    await hanging.ended;
    expect(fs.existsSync(lock)).toBe(stays);
    const next = [startHolder(lock, journal), startHolder(lock, journal)];
    expect(await Promise.all(next.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(fs.readFileSync(journal, 'utf8').match(/out/g)).toHaveLength(2);
  }
});

test('the lock goes when the work fails', async () => {
  const lock = path.join(folder, 'fails.lock');
  await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(fs.existsSync(lock)).toBe(false);
});

describe('isStale', () => {
  const lock = path.join(folder, 'stale.lock');
  const touched = (secondsAgo) => {
    fs.writeFileSync(lock, '');
    const time = Date.now() / 1000 - secondsAgo;
    fs.utimesSync(lock, time, time);
  };
  const here = os.hostname();

  test('a living process holds it, however long', () => {
    touched(9999);
    expect(isStale(lock, { pid: process.pid, host: here })).toBe(false);
  });

  test('a process that took the number of a dead one does not', () => {
    touched(0);
    expect(isStale(lock, { pid: process.pid, host: here, started: '1' })).toBe(true);
  });

  test('another machine is judged by its heartbeat', () => {
    touched(10);
    expect(isStale(lock, { pid: 1, host: 'elsewhere' })).toBe(false);
    touched(100);
    expect(isStale(lock, { pid: 1, host: 'elsewhere' })).toBe(true);
  });

  test('an unreadable one by its age', () => {
    touched(1);
    expect(isStale(lock, undefined)).toBe(false);
    touched(10);
    expect(isStale(lock, undefined)).toBe(true);
  });
});

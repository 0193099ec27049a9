// One process at a time: a lock file that names its holder. A lock left by a dead process is taken over.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onAbort } from './cleanup.mjs';

const HEARTBEAT = 5_000; // the holder touches its lock this often
const SILENCE = 60_000; // a holder on another machine that is silent for so long is taken for dead
const UNWRITTEN = 5_000; // a lock without a readable holder is young, or its writer died

/** Runs `work` while holding `file`. `onWait(holder)` is called once if somebody else holds it. */
export async function withLock(file, work, { onWait = () => {}, poll = 100 } = {}) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (let waiting = false; !acquire(file); ) {
    const holder = readHolder(file);
    if (isStale(file, holder)) {
      breakLock(file, holder);
      continue;
    }
    if (!waiting) onWait(holder);
    waiting = true;
    await sleep(poll);
  }
  const forget = onAbort(() => fs.rmSync(file, { force: true }));
  const beat = setInterval(() => touch(file), HEARTBEAT);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    forget();
    fs.rmSync(file, { force: true });
  }
}

function acquire(file) {
  const holder = { pid: process.pid, host: os.hostname(), started: startTime(process.pid) };
  try {
    fs.writeFileSync(file, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined; // gone meanwhile, or not yet written
  }
}

/** Whether the lock's holder no longer lives. */
export function isStale(file, holder) {
  const age = Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (!holder) return age > UNWRITTEN;
  if (holder.host !== os.hostname()) return age > SILENCE;
  // A pid may have been given to another process since: its start time tells.
  return !isAlive(holder.pid) || (holder.started !== undefined && startTime(holder.pid) !== holder.started);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat; undefined where there is no /proc. */
function startTime(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Removes a dead holder's lock. Of several that try, one does: looking again and removing happen under a second lock. */
function breakLock(file, seen) {
  const breaker = `${file}.break`;
  try {
    fs.writeFileSync(breaker, '', { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isStale(breaker, undefined)) fs.rmSync(breaker, { force: true });
    return;
  }
  try {
    if (JSON.stringify(readHolder(file)) === JSON.stringify(seen)) fs.rmSync(file, { force: true });
  } finally {
    fs.rmSync(breaker, { force: true });
  }
}

function touch(file) {
  try {
    fs.utimesSync(file, new Date(), new Date());
  } catch {
    // removed from outside: nothing to keep alive
  }
}

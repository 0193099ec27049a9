// Who works in a folder: a file that one process at a time holds. It says which process that is, so that another one can tell the person,
// and take over when it is dead. Nothing here depends on the clock: a holder is dead because its process is gone, never because time passed.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** What the file says of its holder. */
export interface Holder {
  pid: number;
  host: string;
  /** When it took the lock (ISO); for people only. */
  since: string;
  /** Machine, boot and process namespace: process ids mean something only there. Absent where the platform does not tell. */
  scope?: string;
  /** When the process started, in ticks since the boot: a later process with the same id has another. */
  start?: string;
  /** The Slurm job that it ran in: when Slurm starts a job again, the earlier start of it has ended. */
  job?: string;
}

/** Someone else holds the lock. */
export class LockHeldError extends Error {
  constructor(
    readonly file: string,
    readonly holder: Holder,
    what: string,
  ) {
    super(
      `${what} is held by ${describeHolder(holder)}${isHere(holder) ? '' : `; it cannot be checked from here: if it is dead, remove ${file}`}`,
    );
    this.name = 'LockHeldError';
  }
}

/** `process 12 on node3 (Slurm job 7) since 2026-11-24T17:00:00.000Z` */
export function describeHolder({ pid, host, since, job }: Holder): string {
  return `process ${pid} on ${host}${job ? ` (Slurm job ${job})` : ''} since ${since}`;
}

/**
 * Takes the lock, from nobody or from a dead process. Returns what gives it back.
 * @throws LockHeldError when another process holds it; `what` names the thing in its message
 */
export function takeLock(file: string, what: string): () => void {
  const own = `${JSON.stringify(describeSelf())}\n`;
  const holder = acquire(file, own);
  if (holder) throw new LockHeldError(file, holder, what);
  return () => {
    if (read(file) === own) fs.rmSync(file, { force: true });
  };
}

/** Who holds the lock now; undefined: nobody, or a process that is dead. */
export function lockHolder(file: string): Holder | undefined {
  const text = read(file);
  const holder = text === undefined ? undefined : parseHolder(text);
  return holder && !isDead(holder) ? holder : undefined;
}

/** The holder that is in the way; undefined: the lock is ours. */
function acquire(file: string, own: string): Holder | undefined {
  for (;;) {
    if (create(file, own)) return undefined;
    const text = read(file);
    if (text === undefined) continue; // given back in the meantime
    const holder = parseHolder(text);
    if (!isDead(holder)) return holder;
    // One successor at a time, and only of this very holder: two that saw the same dead one must not both follow it.
    const guard = `${file}.next`;
    const rival = acquire(guard, own);
    if (rival) return rival;
    try {
      if (read(file) === text) {
        const temporary = temporaryName(file);
        fs.writeFileSync(temporary, own);
        fs.renameSync(temporary, file);
        return undefined;
      }
    } finally {
      fs.rmSync(guard, { force: true });
    }
  }
}

/** Creates the file whole, with its contents, unless it is there: a process killed half-way leaves no empty lock. */
function create(file: string, text: string): boolean {
  const temporary = temporaryName(file);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(temporary, text);
  try {
    fs.linkSync(temporary, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    return createInPlace(file, text); // a file system without links
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

function createInPlace(file: string, text: string): boolean {
  try {
    fs.writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

const temporaryName = (file: string): string => `${file}.${os.hostname()}.${process.pid}.tmp`;

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseHolder(text: string): Holder {
  try {
    const holder = JSON.parse(text);
    if (typeof holder?.pid === 'number' && typeof holder.host === 'string') return holder;
    // Written by an earlier version: the process id alone.
    if (typeof holder === 'number') return { pid: holder, host: os.hostname(), since: 'an unknown time', scope: describeSelf().scope };
  } catch {
    // Below.
  }
  return { pid: 0, host: 'an unknown host', since: 'an unknown time' };
}

/** Certain that the holder's process is gone. What cannot be known from here counts as alive. */
function isDead(holder: Holder): boolean {
  const self = describeSelf();
  if (holder.job && holder.job === self.job) return holder.pid !== self.pid || holder.start !== self.start || holder.host !== self.host;
  if (isEarlierBoot(holder, self)) return true;
  if (!isHere(holder)) return false;
  if (!exists(holder.pid)) return true;
  const now = processOf(holder.pid);
  // Ended, but not yet waited for; or another process with the same id.
  return now !== undefined && (now.state === 'Z' || now.state === 'X' || (holder.start !== undefined && holder.start !== now.start));
}

/** Whether its process id means something in this process. */
function isHere({ host, scope }: Holder): boolean {
  const self = describeSelf();
  return host === self.host && scope === self.scope;
}

/** This machine before it was started again: nothing of that time is left. */
function isEarlierBoot(holder: Holder, self: Holder): boolean {
  const [machine, boot] = holder.scope?.split('/') ?? [];
  const [ownMachine, ownBoot] = self.scope?.split('/') ?? [];
  return Boolean(machine) && holder.host === self.host && machine === ownMachine && boot !== ownBoot;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function describeSelf(): Holder {
  const { SLURM_JOB_ID: job } = process.env;
  // Hashed: the id itself is nobody's business.
  const machine = tryRead(() => createHash('sha256').update(fs.readFileSync('/etc/machine-id')).digest('hex').slice(0, 16));
  const boot = tryRead(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const space = tryRead(() => fs.readlinkSync('/proc/self/ns/pid'));
  return {
    pid: process.pid,
    host: os.hostname(),
    since: new Date().toISOString(),
    scope: boot && space ? `${machine ?? ''}/${boot}/${space}` : undefined,
    start: processOf(process.pid)?.start,
    job: job || undefined,
  };
}

/** State and start (fields 3 and 22 of /proc/PID/stat, counted behind the name, which may hold anything); undefined outside Linux. */
function processOf(pid: number): { state: string; start: string } | undefined {
  return tryRead(() => {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], start: fields[19] };
  });
}

function tryRead<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

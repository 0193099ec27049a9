// A process for the lock's test: appends "in", works for a moment, appends "out".
//   node holder.mjs LOCK JOURNAL [--hang]
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../lock.mjs';

const [lock, journal, mode] = process.argv.slice(2);
const onWait = (holder) => fs.appendFileSync(journal, `wait ${holder?.pid}\n`);
await withLock(
  lock,
  async () => {
    fs.appendFileSync(journal, `in ${process.pid}\n`);
    await sleep(mode === '--hang' ? 60_000 : 30);
    fs.appendFileSync(journal, `out ${process.pid}\n`);
  },
  { onWait, poll: 5 },
);

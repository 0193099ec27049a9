// Memory of this process, as the system counts it.
import fs from 'node:fs';
import type { MemoryAnswer } from './requests.ts';

/** Resident memory and its peak. Linux keeps the peak and can forget it; elsewhere it is the process's maximum since its start. */
export function memory(reset = false): MemoryAnswer {
  const answer = read();
  if (reset) {
    try {
      fs.writeFileSync('/proc/self/clear_refs', '5');
    } catch {
      // not Linux: peaks then count from the start
    }
  }
  return answer;
}

function read(): MemoryAnswer {
  try {
    const status = fs.readFileSync('/proc/self/status', 'utf8');
    const kib = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)![1]);
    return { resident: kib('VmRSS'), peak: kib('VmHWM') };
  } catch {
    return { resident: process.memoryUsage.rss(), peak: 1024 * process.resourceUsage().maxRSS };
  }
}

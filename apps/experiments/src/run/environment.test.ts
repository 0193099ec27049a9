import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { describeMachine } from './environment.ts';

test('the processor is told with its widest vector instructions, as lscpu knows them', () => {
  const { cpu, cores } = describeMachine(__dirname);
  expect(cpu).toContain(os.cpus()[0].model.trim());
  expect(cores).toBe(os.cpus().length);
  if (process.platform !== 'linux' || process.arch !== 'x64') return;
  const known = execFileSync('lscpu', { encoding: 'utf8' });
  expect(/AVX-512$/.test(cpu)).toBe(/\bavx512f\b/.test(known));
  expect(/AVX2$/.test(cpu)).toBe(/\bavx2\b/.test(known) && !/\bavx512f\b/.test(known));
});

// Programs and the garbage collector, threads that end and processes that end while a program runs.
import { spawnSync } from 'node:child_process';
import v8 from 'node:v8';
import vm from 'node:vm';
import { addonFile } from './binding.ts';
import { type NativeProgram, nativeEngine, nativeProgram, type ProgramStep, packFilter } from './index.ts';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;
const SHAPE = [1, 16, 16, 8] as const;
const LENGTH = 2048;
const ones = new Float32Array(LENGTH).fill(1);

/** Nothing but the program refers to its engine and filters. */
function orphan(): NativeProgram {
  const engine = nativeEngine({ threads: 2 });
  const [a, b] = [0, LENGTH].map((offset) => ({ offset, length: LENGTH }));
  const filter = packFilter(engine, { weights: new Float32Array(64).fill(1 / 8), kernel: 1, inChannels: 8, outChannels: 8 });
  const fill = { kind: 'convolution', window: 3, filter: new Float32Array(72).fill(1) } as const;
  const steps: ProgramStep[] = [
    { op: 'convolve', filter, input: a, shape: SHAPE, output: b },
    { op: 'interpolate', features: b, shape: SHAPE, mask: 0, fill, output: b },
  ];
  return nativeProgram(engine, { arena: 2 * LENGTH, masks: [[1, 16, 16]], inputs: [a], outputs: [b], steps });
}

const run = (program: NativeProgram) => program.run({ inputs: [ones], masks: { 0: new Uint8Array(256).fill(1) } });

test('a program keeps its engine and filters, and a run its program', async () => {
  const program = orphan();
  for (let i = 0; i < 3; i++) {
    collect();
    expect((await run(program)).outputs).toEqual([ones]);
  }
  const running = run(orphan());
  collect();
  expect((await running).outputs).toEqual([ones]);
  const many = Array.from({ length: 20 }, () => run(orphan()));
  collect();
  for (const { outputs } of await Promise.all(many)) expect(outputs).toEqual([ones]);
});

/** A program of the addon that runs for a while, in a process of its own. */
const SCRIPT = `
  const { available, Engine, Filter, Program } = require(process.env.STINT_ADDON);
  const LENGTH = 64 * 64 * 32;
  const none = new Int32Array(0);
  function start(steps) {
    const engine = new Engine(available[0], 2);
    const filter = new Filter(engine, 3, 32, 32, new Float32Array(9 * 32 * 32), null);
    const program = new Program(engine, 2 * LENGTH, 0);
    program.addOutput(LENGTH, LENGTH);
    for (let i = 0; i < steps; i++) {
      program.addStep('convolve', 'step', null, filter, 1, 64, 64, 32, 1, null, false, 0, LENGTH, null, false, false, LENGTH, LENGTH, false);
    }
    return program.run(0, steps, new Float64Array(0), 0, true, none, Int32Array.of(0));
  }
`;

function child(script: string) {
  const env = { ...process.env, STINT_ADDON: addonFile() };
  const { status, signal, stdout } = spawnSync(process.execPath, ['-e', SCRIPT + script], { encoding: 'utf8', env });
  return { status, signal, stdout };
}

test('a process waits for a run, as for any promise of work', () => {
  const script = "start(20).then(({ outputs }) => console.log(String(outputs[0].length))); console.log('started');";
  expect(child(script)).toEqual({ status: 0, signal: null, stdout: 'started\n131072\n' });
});

test('a process may end while a program runs', () => {
  expect(child('start(150); process.exit(3);')).toEqual({ status: 3, signal: null, stdout: '' });
  const failing = child("start(150); setImmediate(() => { throw new Error('over'); });");
  expect([failing.status, failing.signal]).toEqual([1, null]);
});

test('a thread of JavaScript may be ended while its program runs; others go on', () => {
  const script = `
    const { Worker } = require('node:worker_threads');
    const inside = ${JSON.stringify(SCRIPT)} + "start(150); require('node:worker_threads').parentPort.postMessage('running');";
    const worker = new Worker(inside, { eval: true });
    worker.on('message', async () => {
      await worker.terminate();
      const { outputs } = await start(3);
      console.log('ended ' + outputs[0].length);
    });
  `;
  expect(child(script)).toEqual({ status: 0, signal: null, stdout: 'ended 131072\n' });
});

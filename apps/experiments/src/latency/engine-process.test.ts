import { type EngineProcess, startEngineProcess } from './engine-process.ts';

// A child of a few lines: answers `{"do": "double", "value": n}`, and misbehaves on demand.
const CHILD = `
const lines = require('node:readline').createInterface({ input: process.stdin });
console.log('loading library'); console.error('a warning');
lines.on('line', (line) => {
  const { do: what, value } = JSON.parse(line);
  if (what === 'double') { console.log('{ noise'); console.log(JSON.stringify({ value: 2 * value })); }
  if (what === 'error') console.log(JSON.stringify({ error: 'Error: no such layer\\n    at here' }));
  if (what === 'exit') { console.error('cannot allocate'); process.exit(3); }
  if (what === 'crash') process.kill(process.pid, 'SIGKILL');
});`;

const running: EngineProcess[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});

function start(options: { kill?: AbortSignal; command?: string[] } = {}): EngineProcess {
  const engine = startEngineProcess({ name: 'fake engine, 2 threads', command: [process.execPath, '-e', CHILD], ...options });
  running.push(engine);
  return engine;
}

test('answers come one by one; other output is no answer', async () => {
  const engine = start();
  expect(await engine.ask({ do: 'double', value: 4 })).toEqual({ value: 8 });
  const slow = engine.ask({ do: 'double', value: 5 });
  await expect(engine.ask({ do: 'double', value: 6 })).rejects.toThrow('fake engine, 2 threads: one request at a time');
  expect(await slow).toEqual({ value: 10 });
});

test('an error is reported with the last lines, and the engine lives on', async () => {
  const engine = start();
  await expect(engine.ask({ do: 'error' })).rejects.toThrow(
    /^fake engine, 2 threads: reports an error; its last lines:\n[\s\S]*no such layer/,
  );
  expect(await engine.ask({ do: 'double', value: 1 })).toEqual({ value: 2 });
});

test('a child that ends or is killed: how, and its last lines; later requests say the same', async () => {
  const engine = start();
  await engine.ask({ do: 'double', value: 1 });
  const message = /^fake engine, 2 threads: ended with exit code 3; its last lines:\n[\s\S]*a warning[\s\S]*cannot allocate$/;
  await expect(engine.ask({ do: 'exit' })).rejects.toThrow(message);
  await expect(engine.ask({ do: 'double', value: 1 })).rejects.toThrow(message);
  await expect(start().ask({ do: 'crash' })).rejects.toThrow('ended by SIGKILL (out of memory?)');
});

test('a program that is not there, and a run that is ended', async () => {
  await expect(start({ command: ['/no/such/program'] }).ask({ do: 'double' })).rejects.toThrow('cannot start /no/such/program');
  const kill = new AbortController();
  const engine = start({ kill: kill.signal });
  const waiting = engine.ask({ do: 'nothing' });
  kill.abort();
  await expect(waiting).rejects.toThrow('ended by SIGKILL');
});

import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type PoolOptions, type PoolTask, runPool } from './pool.ts';
import { exitCodeOf, listenForStop } from './stop.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-pool-'));
const node = (name: string, script: string): PoolTask => ({ name, command: [process.execPath, '-e', script] });

async function run(
  tasks: PoolTask[],
  more: Partial<PoolOptions> & { react?(line: string, control: { stop: AbortController; kill: AbortController }): void } = {},
) {
  const lines: string[] = [];
  const control = { stop: new AbortController(), kill: new AbortController() };
  const outcomes = await runPool(tasks, {
    jobs: 2,
    cwd: folder,
    stop: control.stop.signal,
    kill: control.kill.signal,
    onLine: (task, line) => {
      lines.push(`${task.name}: ${line}`);
      more.react?.(line, control);
    },
    ...more,
  });
  return { outcomes, lines };
}

test('jobs tasks are alive at the same time, and no more', async () => {
  // Each child waits until `want` children have signed in: with fewer at once it would never end.
  const meet = (name: string, want: number) =>
    node(
      name,
      `const fs = require('fs'); fs.mkdirSync('meet', { recursive: true }); fs.writeFileSync('meet/${name}', '');
      (function look() { if (fs.readdirSync('meet').length >= ${want}) console.log('met'); else setTimeout(look, 5); })();`,
    );
  const { outcomes } = await run([meet('a', 2), meet('b', 2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['done', 'done']);

  const note = (name: string) => node(name, `console.log('begin'); process.on('exit', () => console.log('end'));`);
  const { lines } = await run([note('a'), note('b'), note('c')], { jobs: 1 });
  expect(lines).toEqual(['a: begin', 'a: end', 'b: begin', 'b: end', 'c: begin', 'c: end']);
});

test('outcomes are in the order of the tasks; a failure and a missing program stop no other', async () => {
  const missing: PoolTask = { name: 'missing', command: ['/no/such/program'] };
  const killed = node('killed', `process.kill(process.pid, 'SIGKILL')`);
  const { outcomes } = await run([node('bad', 'console.error("why"); process.exit(4)'), missing, killed, node('good', '')]);
  expect(outcomes.map(({ name, status, code }) => [name, status, code])).toEqual([
    ['bad', 'failed', 4],
    ['missing', 'failed', null],
    ['killed', 'failed', null],
    ['good', 'done', 0],
  ]);
  expect(outcomes[0].lastLines).toEqual(['why']);
  expect(outcomes[1].lastLines[0]).toMatch(/^cannot start \/no\/such\/program: /);
  expect(outcomes[2].lastLines).toEqual(['ended by SIGKILL (out of memory?)']);
});

test('the environment reaches the task; its output is logged to a file', async () => {
  const logFile = path.join(folder, 'log.txt');
  await run([{ ...node('a', 'console.log(process.env.STINT_TEST); console.error("x")'), env: { STINT_TEST: '7' }, logFile }]);
  expect(fs.readFileSync(logFile, 'utf8').trim().split('\n').sort()).toEqual(['7', 'x']);
});

test('a log that cannot be written is told once, and ends nothing', async () => {
  const { outcomes, lines } = await run([
    { ...node('a', 'console.log("1"); console.log("2")'), logFile: path.join(folder, 'none/log.txt') },
  ]);
  expect(outcomes[0].status).toBe('done');
  expect(lines).toEqual([expect.stringMatching(/^a: its log is not written any more: ENOENT/), 'a: 1', 'a: 2']);
});

test('a stop signal reaches the running task once, and nothing else starts', async () => {
  const saves = node(
    'saves',
    `process.on('SIGINT', () => { console.log('saving'); process.disconnect(); process.exitCode = 130; });
    process.on('message', () => {}); console.log('ready');`,
  );
  const { outcomes, lines } = await run([saves, node('next', 'console.log("started")')], {
    jobs: 1,
    react: (line, { stop }) => line === 'ready' && stop.abort('SIGINT'),
  });
  expect(outcomes.map(({ status, code }) => [status, code])).toEqual([
    ['stopped', 130],
    ['stopped', null],
  ]);
  expect(lines).toEqual(['saves: ready', 'saves: saving']);
});

test('a task that does not stop can be killed', async () => {
  const stubborn = node(
    'stubborn',
    `process.on('SIGINT', () => console.log('no')); process.on('message', () => {}); console.log('ready');`,
  );
  const { outcomes } = await run([stubborn], {
    react: (line, { stop, kill }) => (line === 'ready' ? stop.abort('SIGINT') : kill.abort()),
  });
  expect(outcomes[0]).toMatchObject({ status: 'stopped', code: null, lastLines: ['ready', 'no'] });
});

test('the first signal asks to stop, the second to end; release gives them back', () => {
  const source = new EventEmitter();
  const { stop, kill, release } = listenForStop(source);
  source.emit('SIGTERM');
  expect([stop.reason, exitCodeOf(stop), kill.aborted]).toEqual(['SIGTERM', 143, false]);
  source.emit('SIGINT');
  expect(kill.aborted).toBe(true);
  release();
  expect(source.eventNames()).toEqual([]);
  const orphan = new EventEmitter();
  const control = listenForStop(orphan);
  orphan.emit('disconnect');
  expect(exitCodeOf(control.stop)).toBe(143);
});

// `stint run --executor slurm` against a real Slurm. Where it cannot be had, one line says so and the tests are skipped; in CI
// (tools/ci/run.mjs installs it) they must run.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Command, poll, timeless, tinyWorkspace, tinyYaml } from '../support/tiny.ts';
import { type Cluster, missingPrograms, startCluster } from './cluster.ts';

const missing = missingPrograms();
if (missing.length > 0) {
  const line = `Slurm cannot be tested: there is no ${missing.join(', ')} (Debian: apt-get install slurm-wlm munge)`;
  if (process.env.CI) throw new Error(line);
  process.stderr.write(`${line}\n`);
}

jest.setTimeout(180_000);

const tiny = tinyWorkspace(tinyYaml({ steps: 40, pretrain: 2 }));
const results = fs.mkdtempSync(path.join(os.tmpdir(), 'results-'));
const out = (name: string) => path.join(results, name);
const ARMS = ['rbf', 'zeros', 'blue'];
let cluster: Cluster;

/** `stint run tiny --executor slurm`, looking twice a second. */
const submit = (folder: string, ...more: string[]): Command =>
  tiny.start(['run', 'tiny', '--out', folder, '--executor', 'slurm', '--slurm', 'poll=0.5', ...more], cluster.env);
const seed1 = (folder: string, arm: string) => path.join(folder, arm, 'seed1');
const holder = (folder: string, arm: string): number | undefined => {
  const file = path.join(seed1(folder, arm), 'lock');
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).pid : undefined;
};
/** The process that trains an arm, once it has saved something. */
const trainingOf = (folder: string, arm: string, { ended }: Command) =>
  poll(() => (fs.existsSync(path.join(seed1(folder, arm), 'last.safetensors')) ? holder(folder, arm) : undefined), ended);
const jobOf = (folder: string, name: string): string =>
  JSON.parse(fs.readFileSync(path.join(folder, 'slurm/jobs.json'), 'utf8')).jobs.find((job: { name: string }) => job.name === name).id;
const queue = () => cluster.call('squeue', '-h', '-o', '%i');

(missing.length > 0 ? describe.skip : describe)('a real Slurm', () => {
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster?.stop());

  test('an array of runs, one killed and one cancelled midway, ends with the results of local runs', async () => {
    const command = submit(out('slurm'), '--jobs', '2');
    const killed = trainingOf(out('slurm'), 'rbf', command).then((pid) => process.kill(pid, 'SIGKILL'));
    const cancelled = trainingOf(out('slurm'), 'zeros', command).then(() => cluster.call('scancel', jobOf(out('slurm'), 'zeros/seed1')));
    await Promise.all([killed, cancelled]);
    const local = await tiny.run(['run', 'tiny', '--out', out('local'), '--jobs', '1']);
    expect(local).toMatchObject({ code: 0 });

    const { code, text } = await command.ended;
    expect({ code, text }).toEqual({ code: 1, text: expect.stringMatching(/FAILED zeros\/seed1, last lines:[\s\S]*CANCELLED/) });
    expect(text).toMatch(
      /submitted to Slurm: 1 pretraining \(job \d+\), 2 trainings \(job \d+\), 1 evaluation \(job \d+\), report \(job \d+\)/,
    );
    expect(text).toMatch(/\[rbf\/seed1\] ended by signal 9: restart 1 of 3/);
    expect(fs.readFileSync(path.join(out('slurm'), 'report.md'), 'utf8')).toMatch(/CANCELLED/);
    for (const arm of ['rbf', 'blue']) expect(timelessResult(out('slurm'), arm)).toEqual(timelessResult(out('local'), arm));

    // The same command again: the cancelled run goes on from its checkpoint; nothing else is made again.
    const again = await submit(out('slurm')).ended;
    expect(again).toMatchObject({
      code: 0,
      text: expect.stringMatching(/2 of 3 runs are finished already[\s\S]*submitted to Slurm: 1 training /),
    });
    for (const arm of ARMS) expect(timelessResult(out('slurm'), arm)).toEqual(timelessResult(out('local'), arm));
    for (const arm of ['rbf', 'zeros']) expect(timeless(seed1(out('slurm'), arm))).toEqual(timeless(seed1(out('local'), arm)));
  });

  test('--detach leaves the jobs; a later command waits for them, may be left with Ctrl-C, and the report comes by itself', async () => {
    const only = ['--arms', 'zeros', 'train.steps=150'];
    const detached = await submit(out('detached'), ...only, '--detach').ended;
    const job = jobOf(out('detached'), 'zeros/seed1');
    const [number] = job.split('_');
    expect(detached).toMatchObject({
      code: 0,
      text: expect.stringMatching(new RegExp(`watch: +squeue -j ${number},\\d+\\n +cancel: +scancel ${number} \\d+`)),
    });

    const waiting = submit(out('detached'), ...only);
    await waiting.line(/nothing to submit; 2 submitted before go on/);
    await trainingOf(out('detached'), 'zeros', waiting);
    waiting.child.kill('SIGINT');
    expect(await waiting.ended).toMatchObject({
      code: 130,
      text: expect.stringMatching(/leaving: the jobs go on[\s\S]*2 jobs go on without this command/),
    });
    expect(queue()).toContain(number);
    // What Slurm sends before the time limit (--signal=B:USR1@...): the run saves, and goes on in its next job.
    cluster.call('scancel', '--batch', '--signal=USR1', job);

    const last = await submit(out('detached'), ...only).ended;
    expect(last).toMatchObject({ code: 0 });
    expect(fs.readFileSync(path.join(seed1(out('detached'), 'zeros'), 'log.txt'), 'utf8')).toMatch(
      /zeros\/seed1: stopped after step \d+ of 150[\s\S]*time limit: saved, goes on in the next job/,
    );
    expect(fs.readFileSync(path.join(out('detached'), 'slurm/report.txt'), 'utf8')).toMatch(/Written:\n[\s\S]*report\.html/);
    const whole = await tiny.run(['run', 'tiny', '--out', out('whole'), ...only]);
    expect(whole).toMatchObject({ code: 0 });
    expect(timeless(seed1(out('detached'), 'zeros'))).toEqual(timeless(seed1(out('whole'), 'zeros')));
  });

  test('what Slurm refuses is told in its words, and nothing stays in the queue; without sbatch it is wrong usage', async () => {
    const refused = await submit(out('refused'), '--slurm', 'partition=nosuch').ended;
    expect(refused).toMatchObject({
      code: 1,
      text: expect.stringMatching(/Slurm refused the trainings:\n.*invalid partition specified: nosuch/),
    });
    const late = await submit(out('late'), '--slurm', 'options=[--dependency=nonsense:1]').ended;
    expect(late).toMatchObject({ code: 1, text: expect.stringMatching(/Slurm refused the trainings:\n.*Job dependency problem/) });
    expect(queue()).toBe('');
    const without = await tiny.run(['run', 'tiny', '--out', out('none'), '--executor', 'slurm'], { PATH: '/nowhere' });
    expect(without).toMatchObject({ code: 2, text: expect.stringMatching(/there is no sbatch here; run stint on a login node/) });
    const settings = await submit(out('none'), '--slurm', 'partitoin=x').ended;
    expect(settings).toMatchObject({
      code: 2,
      text: expect.stringMatching(/override partitoin=x: unknown key "partitoin" \(nearest: "partition"\)/),
    });
  });
});

function timelessResult(folder: string, arm: string): unknown {
  const { seconds: _, ...result } = JSON.parse(fs.readFileSync(path.join(seed1(folder, arm), 'result.json'), 'utf8'));
  return result;
}
